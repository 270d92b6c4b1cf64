// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MultiPeriodDiscriminator;
import aulos.hifigan.model.MultiScaleDiscriminator;
import aulos.hifigan.model.TrainingConfig;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Everything that training changes: three models and two optimisers. */
final class Networks implements AutoCloseable {
    private final Scope owner;
    private final TrainingConfig training;
    private final Generator generator;
    private final MultiPeriodDiscriminator mpd;
    private final MultiScaleDiscriminator msd;
    private final AdamW generatorOptimiser;
    private final AdamW discriminatorOptimiser;

    /** @param owner owns the models' weights, and is closed with this */
    private Networks(HifiGanConfig config, Scope owner, Weights g, Weights p, Weights s, int widthDivisor) {
        this.owner = owner;
        this.training = config.training();
        generator = new Generator(config, g, WeightForm.WEIGHT_NORM);
        mpd = new MultiPeriodDiscriminator(p, MultiPeriodDiscriminator.PERIODS, widthDivisor);
        msd = new MultiScaleDiscriminator(s, widthDivisor);
        // The official order: MSD's parameters before MPD's.
        List<Parameter> discriminators = new ArrayList<>(msd.parameters());
        discriminators.addAll(mpd.parameters());
        generatorOptimiser = optimiser(generator.parameters());
        discriminatorOptimiser = optimiser(discriminators);
    }

    private AdamW optimiser(List<Parameter> parameters) {
        return new AdamW(parameters, training.learningRate(), training.beta1(), training.beta2());
    }

    /** The state dicts to start from; one that is null is drawn at random. */
    record Start(Map<String, NdArray> generator, Map<String, NdArray> mpd, Map<String, NdArray> msd) {
        static final Start RANDOM = new Start(null, null, null);
    }

    /**
     * Builds the networks; the optimisers start anew.
     *
     * @param widthDivisor of the discriminators' channel counts, 1 for the paper's
     * @throws IllegalArgumentException if weights do not fit; names the first that does not
     */
    static Networks of(HifiGanConfig config, int widthDivisor, Start start, Backend backend) {
        Scope owner = Scope.unattached();
        try {
            long seed = config.training().seed();
            return new Networks(config, owner, weights(backend, owner, start.generator, 3 * seed),
                    weights(backend, owner, start.mpd, 3 * seed + 1), weights(backend, owner, start.msd, 3 * seed + 2),
                    widthDivisor);
        } catch (RuntimeException | OutOfMemoryError e) {
            owner.close();
            throw e;
        }
    }

    private static Weights weights(Backend backend, Scope owner, Map<String, NdArray> state, long seed) {
        return state == null ? Weights.random(backend, owner, seed) : Weights.of(backend, owner, state);
    }

    /** The same in the same state on another device. */
    Networks copy(HifiGanConfig config, int widthDivisor, Backend backend) {
        Networks copy = of(config, widthDivisor,
                new Start(generator.stateDict(), mpd.stateDict(), msd.stateDict()), backend);
        try {
            OptimiserState.of(generatorOptimiser).restore(copy.generatorOptimiser);
            OptimiserState.of(discriminatorOptimiser).restore(copy.discriminatorOptimiser);
            return copy;
        } catch (RuntimeException | OutOfMemoryError e) {
            copy.close();
            throw e;
        }
    }

    Generator generator() {
        return generator;
    }

    MultiPeriodDiscriminator mpd() {
        return mpd;
    }

    MultiScaleDiscriminator msd() {
        return msd;
    }

    AdamW generatorOptimiser() {
        return generatorOptimiser;
    }

    AdamW discriminatorOptimiser() {
        return discriminatorOptimiser;
    }

    /**
     * What tells whether a step that failed has changed anything, and what a forward pass changes.
     *
     * @param buffers their values, which spectral norm improves on every forward pass
     */
    record Mark(int generatorSteps, int discriminatorSteps, List<Tensor> buffers, Scope owner) implements AutoCloseable {
        /** Lets go of the buffers as they were. */
        @Override
        public void close() {
            owner.close();
        }
    }

    /** Costs nothing: a layer replaces its buffers, and the old ones are kept where they are. */
    Mark mark() {
        Scope owner = Scope.unattached();
        return new Mark(generatorOptimiser.steps(), discriminatorOptimiser.steps(),
                buffers().map(buffer -> owner.adopt(buffer.tensor())).toList(), owner);
    }

    /** Undoes a step that failed; false if an optimiser has begun to move weights, which cannot be undone. */
    boolean backTo(Mark mark) {
        if (generatorOptimiser.steps() != mark.generatorSteps
                || discriminatorOptimiser.steps() != mark.discriminatorSteps) {
            return false;
        }
        Iterator<Tensor> values = mark.buffers.iterator();
        buffers().forEach(buffer -> buffer.replace(values.next()));
        return true;
    }

    private Stream<Parameter> buffers() {
        return Stream.of(generator, mpd, msd).flatMap(model -> model.state().stream())
                .filter(parameter -> !parameter.trainable());
    }

    /** ExponentialLR: rate · decay^epoch. */
    void startEpoch(long epoch) {
        double rate = training.learningRate() * Math.pow(training.learningRateDecay(), epoch);
        generatorOptimiser.learningRate(rate);
        discriminatorOptimiser.learningRate(rate);
    }

    @Override
    public void close() {
        generatorOptimiser.close();
        discriminatorOptimiser.close();
        owner.close();
    }
}

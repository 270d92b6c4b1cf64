// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import aulos.engine.nn.Layer;
import aulos.engine.nn.Parameter;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Starts all ranks from what rank 0 starts from: it alone reads the run's folder, which the others need not see, and nothing
 * that their machines would read or draw differently can make their weights differ.
 */
final class SharedStart {
    private final Ranks ranks;
    private final Backend backend;

    private SharedStart(Ranks ranks, Backend backend) {
        this.ranks = ranks;
        this.backend = backend;
    }

    /** What {@code first}, called on rank 0 only, starts from; on every rank a state of its own. */
    static RunState of(Ranks ranks, HifiGanConfig config, TrainingOptions options, Backend backend, First first)
            throws IOException {
        if (ranks.count() == 1) {
            return first.start();
        }
        SharedStart shared = new SharedStart(ranks, backend);
        if (ranks.isFirst()) {
            RunState start = first.start();
            return shared.exchange(start.networks(), start.average(), start, options);
        }
        Networks networks = Networks.of(config, options.discriminatorWidth(), Networks.Start.RANDOM, backend);
        return shared.exchange(networks, null, null, options);
    }

    /** Reads checkpoints, or draws weights. */
    @FunctionalInterface
    interface First {
        RunState start() throws IOException;
    }

    /** @param start rank 0's; null on the others */
    private RunState exchange(Networks networks, MovingAverage average, RunState start, TrainingOptions options) {
        try (Scope scope = Scope.open()) {
            ByteBuffer header = ByteBuffer.allocate(4 * Long.BYTES + 3 * Integer.BYTES);
            if (start != null) {
                Position position = start.position();
                header.putLong(start.nextStep()).putLong(position.epoch()).putInt(position.clips())
                        .putLong(position.order()).putInt(networks.generatorOptimiser().steps())
                        .putInt(networks.discriminatorOptimiser().steps());
            }
            ByteBuffer agreed = ByteBuffer.wrap(ranks.gather(header.array()).getFirst());
            long nextStep = agreed.getLong();
            Position position = new Position(agreed.getLong(), agreed.getInt(), agreed.getLong());
            for (Layer model : List.of(networks.generator(), networks.mpd(), networks.msd())) {
                model.state().forEach(this::weights);
            }
            moments(networks.generatorOptimiser(), agreed.getInt());
            moments(networks.discriminatorOptimiser(), agreed.getInt());
            if (options.averageDecay() == 0) {
                return new RunState(networks, null, nextStep, position);
            }
            Map<String, NdArray> averages = averages(networks, average);
            return new RunState(networks, average != null ? average
                    : new MovingAverage(networks.generator(), options.averageDecay(), averages), nextStep, position);
        }
    }

    private void weights(Parameter parameter) {
        NdArray values = received(parameter.tensor(), () -> parameter.tensor().toArray());
        if (!ranks.isFirst()) {
            parameter.replace(Tensor.of(backend, values));
        }
    }

    private void moments(AdamW optimiser, int steps) {
        if (steps == 0) {
            return;
        }
        List<AdamW.Moments> known = ranks.isFirst() ? optimiser.moments() : List.of();
        List<AdamW.Moments> moments = new ArrayList<>();
        for (int i = 0; i < optimiser.parameters().size(); i++) {
            int index = i;
            Tensor parameter = optimiser.parameters().get(i).tensor();
            moments.add(new AdamW.Moments(received(parameter, () -> known.get(index).mean()),
                    received(parameter, () -> known.get(index).square())));
        }
        if (!ranks.isFirst()) {
            optimiser.restore(moments, steps);
        }
    }

    private Map<String, NdArray> averages(Networks networks, MovingAverage average) {
        Map<String, NdArray> known = average == null ? Map.of() : average.stateDict();
        Map<String, NdArray> averages = new LinkedHashMap<>();
        for (Parameter parameter : networks.generator().parameters()) {
            averages.put(parameter.name(), received(parameter.tensor(), () -> known.get(parameter.name())));
        }
        return averages;
    }

    /** What rank 0 has, of the shape of {@code like}. */
    private NdArray received(Tensor like, Supplier<NdArray> first) {
        float[] values = ranks.isFirst() ? first.get().floats() : new float[like.shape().size()];
        ranks.broadcast(values);
        return NdArray.of(like.shape(), values);
    }
}

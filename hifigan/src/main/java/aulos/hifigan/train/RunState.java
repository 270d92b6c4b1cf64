// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.hifigan.io.StateDict;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a session starts from and goes on changing.
 *
 * @param average of the generator's weights, or null
 * @param nextStep the number of the step to be made next, from 0
 * @param position of that step's first batch
 */
record RunState(Networks networks, MovingAverage average, long nextStep, Position position) implements AutoCloseable {
    private static final Pattern GENERATOR_FILE = Pattern.compile("g_(\\d+)(?:\\.pth?)?");

    /**
     * From the newest checkpoint in the run's folder, else from the weights of {@code --init-from}, else from chance.
     *
     * @param folder null to leave out the first of these
     * @throws IOException if a file cannot be read or does not fit
     */
    static RunState start(HifiGanConfig config, TrainingOptions options, RunFolder folder, EpochPlan plan,
            Backend backend, Consumer<String> say) throws IOException {
        Optional<Long> newest = folder == null ? Optional.empty() : folder.newest();
        if (newest.isPresent()) {
            return resume(config, options, folder, newest.get(), plan, backend, say);
        }
        Networks networks = fresh(config, options, backend, say);
        return new RunState(networks, average(networks, options, null), 0, plan.start(0));
    }

    private static Networks fresh(HifiGanConfig config, TrainingOptions options, Backend backend, Consumer<String> say)
            throws IOException {
        Path from = options.initFrom();
        if (from == null) {
            say.accept("starting from random weights, seed " + config.training().seed());
            return Networks.of(config, options.discriminatorWidth(), Networks.Start.RANDOM, backend);
        }
        Map<String, NdArray> generator = TrainableWeights.of(config, StateDict.fromCheckpoint(from, say));
        Matcher name = GENERATOR_FILE.matcher(from.getFileName().toString());
        Path rest = name.matches() ? RunFolder.checkpoint(from.resolveSibling(""), "do_" + name.group(1)) : from;
        boolean pair = name.matches() && Files.exists(rest);
        say.accept("starting from the weights of " + from + (pair ? " and the discriminators of " + rest
                : "; the discriminators from random weights, as no do_ file is beside it"));
        Networks.Start start = pair ? Checkpoint.readDiscriminators(rest, generator)
                : new Networks.Start(generator, null, null);
        return fitting(from, config, options, start, backend);
    }

    private static RunState resume(HifiGanConfig config, TrainingOptions options, RunFolder folder, long step,
            EpochPlan plan, Backend backend, Consumer<String> say) throws IOException {
        Path rest = folder.rest(step);
        Checkpoint checkpoint = Checkpoint.read(folder.generator(step), rest);
        if (checkpoint.steps() != step) {
            throw new IOException(rest + ": holds step " + checkpoint.steps() + ", expected " + step
                    + " as its name and " + folder.generator(step).getFileName() + " say");
        }
        Position position = Position.resumed(folder.position(step), checkpoint.epoch(), plan, say);
        Networks networks = fitting(rest, config, options, checkpoint.start(), backend);
        try {
            checkpoint.restore(networks);
            Path saved = folder.average(step);
            boolean goOn = options.averageDecay() > 0 && Files.exists(saved);
            if (options.averageDecay() > 0 && !goOn) {
                say.accept("no " + saved.getFileName() + ": the moving average starts from the present weights");
            }
            MovingAverage average = average(networks, options, goOn ? StateDict.fromCheckpoint(saved) : null);
            if (checkpoint.discriminatorOptimiser().steps() == 0) {
                say.accept(rest.getFileName() + " has no moments of the discriminators' optimiser: they start anew");
            }
            say.accept("going on after step " + step + ", in epoch " + position.epoch());
            return new RunState(networks, average, step + 1, position);
        } catch (IllegalArgumentException e) {
            networks.close();
            throw new IOException(rest + ": " + e.getMessage(), e);
        }
    }

    private static MovingAverage average(Networks networks, TrainingOptions options, Map<String, NdArray> start) {
        return options.averageDecay() == 0 ? null
                : new MovingAverage(networks.generator(), options.averageDecay(), start);
    }

    private static Networks fitting(Path file, HifiGanConfig config, TrainingOptions options, Networks.Start start,
            Backend backend) throws IOException {
        try {
            return Networks.of(config, options.discriminatorWidth(), start, backend);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage()
                    + ": made with another configuration or --discriminator-width?", e);
        }
    }

    @Override
    public void close() {
        networks.close();
        if (average != null) {
            average.close();
        }
    }
}

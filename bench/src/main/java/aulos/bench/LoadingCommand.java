// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.train.Monitor;
import aulos.hifigan.train.Trainer;
import aulos.hifigan.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Training on a backend that computes nothing: what reading clips, mels and the host's part of a step leave of the time. */
@Command(
        name = "loading",
        sortOptions = false,
        description = {
            "Trains on a backend that computes nothing, so that only reading clips, their mels and the host's part of each "
                    + "step take time, and says how many steps a second that allows: a device cannot be fed faster."
        })
final class LoadingCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--wavs", required = true, paramLabel = "DIR", description = "folder of the clips")
    private Path wavs;

    @Option(names = "--train-list", required = true, paramLabel = "FILE", description = "clips to train on")
    private Path trainList;

    @Option(names = "--valid-list", required = true, paramLabel = "FILE", description = "clips to validate on, unused")
    private Path validList;

    @Option(names = "--model", defaultValue = "V1", paramLabel = "MODEL",
            description = "generator (default: ${DEFAULT-VALUE})")
    private Model model;

    @Option(names = "--steps", defaultValue = "100", paramLabel = "N",
            description = "steps to make; the first fifth does not count (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(names = "--loader-threads", defaultValue = "2", paramLabel = "N",
            description = "threads that read clips (default: ${DEFAULT-VALUE})")
    private int threads;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--steps", steps, 5);
        Bench.atLeast(spec, "--loader-threads", threads, 1);
        HifiGanConfig config = model.config();
        TrainingOptions.Intervals never = new TrainingOptions.Intervals(
                Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
        Times times = new Times(steps);
        try (Folder folder = Folder.create()) {
            TrainingOptions options = new TrainingOptions(new TrainingOptions.Data(trainList, validList, wavs, null),
                    folder.path(), null, steps, Long.MAX_VALUE, never, 1, 1, 0, 1, Double.POSITIVE_INFINITY, 0, 0, threads);
            new Trainer(config, options, List.of(new LayerCollector()), times).train();
        } catch (Enough enough) {
            // before a checkpoint of hundreds of megabytes would be written
        }
        double[] counted = Arrays.copyOfRange(times.seconds, steps / 5, steps);
        double mean = Arrays.stream(counted).average().orElseThrow();
        spec.commandLine().getOut().printf(Locale.ROOT,
                "%s, batches of %d: %.1f steps a second with %d loader threads on a backend that computes nothing%n", model,
                config.training().batchSize(), 1 / mean, threads);
        return ExitCode.OK;
    }

    /** Takes the time of each step. */
    private static final class Times implements Monitor {
        private final double[] seconds;
        private int made;

        Times(int steps) {
            seconds = new double[steps];
        }

        @Override
        public void say(String line) {}

        @Override
        public void starts(long remaining) {}

        @Override
        public void stepped(double taken) {
            seconds[made++] = taken;
            if (made == seconds.length) {
                throw new Enough();
            }
        }

        @Override
        public boolean stopRequested() {
            return false;
        }
    }

    /** All steps are made. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}

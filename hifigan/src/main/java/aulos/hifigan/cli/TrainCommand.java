// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.io.AtomicFile;
import aulos.engine.study.ProfilingBackend;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.TrainingConfig;
import aulos.hifigan.train.Ending;
import aulos.hifigan.train.Monitor;
import aulos.hifigan.train.Trainer;
import aulos.hifigan.train.TrainingOptions;
import aulos.hifigan.train.ranks.Launch;
import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "train",
        description = "Trains a generator, or goes on from the newest checkpoint in --out. Ctrl-C finishes the step, "
                + "saves and exits with 130; other stops save too, but for numbers that are not finite.",
        mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    /** What the shell reports of a program that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    @ParentCommand
    private Aulos aulos;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The config.json of the model.")
    private Path config;

    @Mixin
    private TrainData data;

    @Option(
            names = {"--out", "--checkpoint_path"},
            required = true,
            paramLabel = "DIR",
            description = "The folder of the run: checkpoints g_N and do_N, TensorBoard logs/, losses.csv, pictures.")
    private Path out;

    @Option(
            names = "--init-from",
            paramLabel = "FILE",
            description = "Start from this generator's weights (and the discriminators' of do_N beside g_N) if --out "
                    + "holds no checkpoint.")
    private Path initFrom;

    @Option(names = "--max-steps", paramLabel = "N", description = "End when N steps have been made in all.")
    private long maxSteps = Long.MAX_VALUE;

    @Option(
            names = {"--epochs", "--training_epochs"},
            paramLabel = "N",
            description = "End after N epochs; default: ${DEFAULT-VALUE}.")
    private long epochs = 3100;

    @Option(
            names = "--max-minutes",
            paramLabel = "M",
            description = "Stop in time to be done within M minutes, last validation and checkpoint included.")
    private double maxMinutes = Double.POSITIVE_INFINITY;

    @Option(
            names = "--slim",
            description = "Save checkpoints without the moments of the discriminators' optimiser, a third of the size; "
                    + "a run that goes on from one starts them anew.")
    private boolean slim;

    @Mixin
    private TrainIntervals intervals;

    @Option(names = "--keep", paramLabel = "N", description = "Keep only the newest N checkpoints (pairs of g_ and do_); "
            + "default: all.")
    private int keep = Integer.MAX_VALUE;

    @Option(names = "--batch-size", paramLabel = "N", description = "In place of the configuration's batch_size.")
    private Integer batchSize;

    @Option(
            names = "--discriminator-width",
            paramLabel = "N",
            description = "Divide the discriminators' channel counts by N (1, 2, 4 or 8): faster and smaller, for runs "
                    + "on a CPU; the official code can then not go on from the checkpoints. Default: 1, the paper's.")
    private int discriminatorWidth = 1;

    @Option(
            names = "--adversarial-from",
            paramLabel = "N",
            description = "Before step N train on the mel loss alone, without discriminators: much quicker steps, to "
                    + "start with. Default: 0, the paper's.")
    private long adversarialFrom;

    @Option(
            names = "--accumulate",
            paramLabel = "N",
            description = "Add up the gradients of N batches for each step; default: 1.")
    private int accumulate = 1;

    @Option(
            names = "--clip-norm",
            paramLabel = "X",
            description = "Scale gradients that are longer down to norm X; default: never.")
    private double clipNorm = Double.POSITIVE_INFINITY;

    @Option(
            names = "--stft-weight",
            paramLabel = "X",
            description = "Add X times the multi-resolution STFT loss to the generator's; default: 0, the paper's.")
    private double stftWeight;

    @Option(
            names = "--ema",
            paramLabel = "DECAY",
            description = "Also keep a moving average of the generator's weights, e.g. 0.999, in ema_N beside g_N.")
    private double ema;

    @Option(names = "--loader-threads", paramLabel = "N", description = "Threads that read clips; default: 2.")
    private int loaderThreads = 2;

    @Mixin
    private DeviceOption device;

    @Option(
            names = "--bf16-gradients",
            description = "Between several ranks (mpirun), send gradients as bfloat16: half the bytes, 8 bits of each.")
    private boolean halfGradients;

    @Option(
            names = "--dry-run",
            description = "Check configuration, lists, first batch and memory with one step, write nothing, and stop.")
    private boolean dryRun;

    @Option(
            names = "--profile",
            description = "At the end print the time in each kernel, and write profile.json to --out, a trace for "
                    + "chrome://tracing or Perfetto.")
    private boolean profile;

    @Option(names = "--group_name", hidden = true, description = "Of the official script, which ignores it too.")
    void groupName(String name) {}

    @Override
    public Integer call() throws IOException {
        Optional<Launch> launch = Launch.of(System.getenv()).filter(several -> several.count() > 1);
        if (launch.isPresent()) {
            return ranked(launch.get());
        }
        HifiGanConfig effective = effective();
        TrainingOptions options = options();
        try (DeviceOption.Opened opened = device.openAll(); TrainMonitor monitor = new TrainMonitor(aulos)) {
            List<Backend> backends = opened.backends();
            device.announce(aulos, backends, Progress.none());
            ProfilingBackend measured = measured(backends, true);
            return run(trainer(effective, options, with(measured, backends), Ranks.ALONE, monitor), measured, monitor);
        }
    }

    /** As one of several processes: all do the same, and the first speaks. */
    private int ranked(Launch launch) {
        try (TrainMonitor monitor = new TrainMonitor(aulos)) {
            Ranks ranks = RankedStart.connect(launch, halfGradients, monitor::say);
            if (!ranks.isFirst()) {
                aulos.beQuiet();
            }
            try {
                int exitCode = ranked(launch, ranks, monitor);
                ranks.close();
                return exitCode;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                aulos.report(Errors.message(e), e);
                ranks.abandon(Errors.message(e));
                return e instanceof WrongUsage ? ExitCode.USAGE : ExitCode.SOFTWARE;
            }
        }
    }

    private int ranked(Launch launch, Ranks ranks, TrainMonitor monitor) throws IOException {
        RankedStart start = new RankedStart(ranks);
        RankPlace place = RankPlace.of(ranks, launch);
        try (DeviceOption.Opened opened = start.together(() -> device.openShare(place))) {
            ProfilingBackend measured = measured(opened.backends(), ranks.isFirst());
            Trainer trainer = start.together(
                    () -> trainer(effective(), options(), with(measured, opened.backends()), ranks, monitor));
            Map<String, String> identity = start.together(trainer::identity);
            start.requireSame(identity);
            start.introduce(opened.backends().getFirst().description(), monitor::say);
            return run(trainer, measured, monitor);
        }
    }

    private HifiGanConfig effective() throws IOException {
        HifiGanConfig read = HifiGanConfig.readForTraining(config);
        read.mel().warning().ifPresent(aulos::say);
        read.training().warning(read.mel()).ifPresent(aulos::say);
        return batchSize == null ? read : withBatchSize(read, batchSize);
    }

    private Trainer trainer(HifiGanConfig effective, TrainingOptions options, List<Backend> backends, Ranks ranks,
            Monitor monitor) throws IOException {
        return new Trainer(effective, options, new Ending(maxMinutes, slim), backends, ranks, monitor);
    }

    private TrainingOptions options() {
        return new TrainingOptions(data.data(), out, initFrom, maxSteps, epochs, intervals.intervals(), keep,
                discriminatorWidth, adversarialFrom, accumulate, clipNorm, stftWeight, ema, loaderThreads);
    }

    /** Measures the first of the backends if that was asked for, else null. */
    private ProfilingBackend measured(List<Backend> backends, boolean speaks) {
        return (profile || dryRun) && speaks ? new ProfilingBackend(backends.getFirst()) : null;
    }

    /** With the first of the backends measured, unless {@code first} is null. */
    private static List<Backend> with(ProfilingBackend first, List<Backend> backends) {
        List<Backend> all = new ArrayList<>(backends);
        if (first != null) {
            all.set(0, first);
        }
        return all;
    }

    /** @param measured null if it is not */
    private int run(Trainer trainer, ProfilingBackend measured, TrainMonitor monitor) throws IOException {
        if (dryRun) {
            monitor.say(trainer.tryOneStep());
            if (measured != null) {
                monitor.say("the step held at most " + (measured.peakBytes() >> 20)
                        + " MiB of tensors; the JVM may use " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
            }
            return ExitCode.OK;
        }
        Trainer.Outcome outcome = trainer.train();
        if (measured != null) {
            aulos.out().print(measured.table());
            aulos.out().flush();
            AtomicFile.write(out.resolve("profile.json"),
                    file -> file.write(measured.trace().getBytes(StandardCharsets.UTF_8)));
        }
        return switch (outcome) {
            case FINISHED -> ExitCode.OK;
            case INTERRUPTED -> INTERRUPTED;
        };
    }

    private static HifiGanConfig withBatchSize(HifiGanConfig config, int batchSize) {
        TrainingConfig t = config.training();
        TrainingConfig training = new TrainingConfig(batchSize, t.learningRate(), t.beta1(), t.beta2(),
                t.learningRateDecay(), t.seed(), t.segmentSize(), t.fmaxForLoss());
        return new HifiGanConfig(config.resblock(), config.upsampleRates(), config.upsampleKernelSizes(),
                config.upsampleInitialChannel(), config.resblockKernelSizes(), config.resblockDilationSizes(),
                config.mel(), training);
    }
}

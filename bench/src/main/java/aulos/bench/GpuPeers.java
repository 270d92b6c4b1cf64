// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Precision;
import aulos.kernels.cpu.FmaPeak;
import aulos.kernels.opencl.ConvTuner;
import aulos.kernels.opencl.OpenClBackend;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** All that there is to find out on a machine with a GPU, in one call. */
@Command(
        name = "gpu",
        sortOptions = false,
        description = {
            "Checks an OpenCL device against the golden values, tunes it, compares synthesis and whole training steps with "
                    + "PyTorch on CUDA (eager and, for synthesis, as a CUDA graph) in each precision, taking turns, and "
                    + "shows what the host and each kernel cost.",
            "Results are compared first; nothing is timed that computes something else. Without PyTorch or CUDA, only "
                    + "Aulos is timed, and a line says why. What there is no time for is left out, and said so."
        })
final class GpuPeers implements Callable<Integer> {
    private static final List<String> GOLDEN_TESTS = List.of("aulos.hifigan.model.GeneratorGoldenTest",
            "aulos.hifigan.model.DiscriminatorGoldenTest", "aulos.hifigan.model.MelSpectrogramTest",
            "aulos.hifigan.train.TrainingGoldenTest");

    /** Of the table of kernels. */
    private static final int ROWS = 40;

    /** The torch side of a comparison. */
    enum Torch { CUDA, CPU, NONE }

    /** What can be asked for. */
    enum Section { GOLDEN, TUNE, SYNTHESIS, TRAINING, HOST, KERNELS }

    @Spec
    private CommandSpec spec;

    @Option(names = "--device", defaultValue = "opencl:0", paramLabel = "D",
            description = "what Aulos computes on (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(names = "--sections", split = ",", paramLabel = "SECTION",
            defaultValue = "golden,tune,synthesis,training,host,kernels",
            description = "what to do, in this order: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private List<Section> sections;

    @Option(names = "--minutes", defaultValue = "5", paramLabel = "N",
            description = "when to begin nothing more (default: ${DEFAULT-VALUE})")
    private int minutes;

    @Option(names = "--tune-seconds", defaultValue = "90", paramLabel = "N",
            description = "of them for tuning, the costliest layers first (default: ${DEFAULT-VALUE})")
    private int tuneSeconds;

    @Option(names = "--precisions", split = ",", paramLabel = "P",
            description = "${COMPLETION-CANDIDATES} (default: all that the device can)")
    private List<Precision> precisions;

    @Option(names = "--models", split = ",", defaultValue = "V1,V2,V3", paramLabel = "MODEL",
            description = "generators to synthesise with (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--batches", split = ",", defaultValue = "1,16", paramLabel = "N",
            description = "clips that are synthesised at once (default: ${DEFAULT-VALUE})")
    private List<Integer> batches;

    @Option(names = "--frames", defaultValue = "256", paramLabel = "N",
            description = "mel frames of each clip (default: ${DEFAULT-VALUE})")
    private int frames;

    @Option(names = "--train-models", split = ",", defaultValue = "V1,V2", paramLabel = "MODEL",
            description = "generators to train (default: ${DEFAULT-VALUE})")
    private List<Model> trainModels;

    @Option(names = "--train-batch", defaultValue = "16", paramLabel = "N",
            description = "segments of 8192 samples in a training step (default: ${DEFAULT-VALUE})")
    private int trainBatch;

    @Option(names = "--width-divisor", defaultValue = "1", paramLabel = "N",
            description = "of the discriminators' channels: 2, 4 or 8 for a quick try (default: ${DEFAULT-VALUE})")
    private int widthDivisor;

    @Option(names = "--rounds", defaultValue = "10", paramLabel = "N",
            description = "timed turns of each contender (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--warmup", defaultValue = "5", paramLabel = "N",
            description = "turns before the timed ones (default: ${DEFAULT-VALUE})")
    private int warmups;

    @Option(names = "--torch", defaultValue = "CUDA", paramLabel = "WHERE",
            description = "where PyTorch computes: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Torch torch;

    @Option(names = "--python", defaultValue = "python3", paramLabel = "PROGRAM",
            description = "Python with PyTorch (default: ${DEFAULT-VALUE})")
    private String python;

    @Option(names = "--json", paramLabel = "FILE", description = "also write all figures here")
    private Path json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    private final JsonObject report = new JsonObject();
    private long end;
    private double peak;

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--frames", frames, 1);
        Bench.atLeast(spec, "--train-batch", trainBatch, 1);
        Bench.atLeast(spec, "--rounds", rounds, 1);
        Bench.atLeast(spec, "--warmup", warmups, 0);
        Bench.atLeast(spec, "--minutes", minutes, 1);
        Bench.atLeast(spec, "--tune-seconds", tuneSeconds, 1);
        for (int batch : batches) {
            Bench.atLeast(spec, "--batches", batch, 1);
        }
        Report.requireWritable(json);
        end = System.nanoTime() + minutes * 60_000_000_000L;
        PrintWriter out = spec.commandLine().getOut();
        peak = describe(out);
        for (Section section : Section.values()) {
            if (sections.contains(section) && !late(section.name().toLowerCase(Locale.ROOT))) {
                switch (section) {
                    case GOLDEN -> report.addProperty("golden", golden(out));
                    case TUNE -> tune(out);
                    case SYNTHESIS -> compare(out, synthesis());
                    case TRAINING -> compare(out, training());
                    case HOST -> host(out);
                    case KERNELS -> kernels(out);
                }
                out.flush();
                Report.write(json, report);
            }
        }
        return ExitCode.OK;
    }

    private boolean late(String what) {
        boolean late = System.nanoTime() > end;
        if (late) {
            spec.commandLine().getErr().println("aulos: the time is up: " + what + " is left out");
        }
        return late;
    }

    /** Says what the device is; returns its float32 peak in GFLOP/s, NaN if it is not known. */
    private double describe(PrintWriter out) {
        OptionalDouble known;
        try (Backend backend = Backends.open(device)) {
            out.println(backend.description());
            report.addProperty("device", backend.description());
            known = backend instanceof OpenClBackend opencl ? opencl.peakGigaflops() : OptionalDouble.empty();
            if (precisions == null) {
                precisions = Arrays.stream(Precision.values()).filter(precision -> takes(backend, precision)).toList();
            }
        }
        double result = known.isPresent() ? known.getAsDouble()
                : device.startsWith("opencl") ? Double.NaN : FmaPeak.gigaflops(Runtime.getRuntime().availableProcessors());
        if (!Double.isNaN(result)) {
            out.printf(Locale.ROOT, "float32 peak %.1f TFLOP/s%n", 1e-3 * result);
            report.addProperty("float32_peak_tflops", 1e-3 * result);
        }
        return result;
    }

    private static boolean takes(Backend backend, Precision precision) {
        try {
            backend.useConvolutionPrecision(precision);
            return true;
        } catch (IllegalStateException lacking) {
            return false;
        }
    }

    /** Runs the golden tests in the folder of their module, from where they find the files. */
    private String golden(PrintWriter out) throws IOException {
        Path root = root();
        if (!Files.isDirectory(root.resolve("../shared/golden"))) {
            out.println("golden values: there are none beside the project, nothing was compared with them");
            return "absent";
        }
        out.flush();
        List<String> command = JavaProcess.command("aulos.hifigan.testing.GoldenRun", GOLDEN_TESTS.toArray(String[]::new));
        int code = new ProcessBuilder(command).directory(root.resolve("hifigan").toFile()).inheritIO().start().onExit()
                .join().exitValue();
        if (code != 0) {
            throw new IllegalStateException("the golden values are not met, so nothing is timed: see above");
        }
        return "passed";
    }

    /** The project's folder, in which this program's jar is {@code bench/target/aulos-bench.jar}. */
    private static Path root() {
        String first = System.getProperty("java.class.path").split(File.pathSeparator, 2)[0];
        return Path.of(first).toAbsolutePath().normalize().getParent().getParent().getParent();
    }

    private void tune(PrintWriter out) throws IOException {
        try (ConvTuner tuner = new ConvTuner(TuneCommand.index(spec, device))) {
            report.add("tuning", new TuneRun(tuner, out, tuneSeconds).tune(
                    TuneCommand.layers(models, frames, trainBatch, widthDivisor), precisions));
            out.println("kept in " + tuner.store());
        }
    }

    private List<GpuContest.Round> synthesis() {
        List<GpuContest.Round> result = new ArrayList<>();
        for (Model model : models) {
            for (int batch : batches) {
                for (Precision precision : precisions) {
                    result.add(new GpuContest.Round("synthesis " + model + " x" + batch + " " + precision, model, batch,
                            precision, false, 2.0 * model.config().macsPerFrame() * frames * batch));
                }
            }
        }
        return result;
    }

    private List<GpuContest.Round> training() {
        List<GpuContest.Round> result = new ArrayList<>();
        for (Model model : trainModels) {
            LayerCollector collector = new LayerCollector();
            TuneCommand.train(TrainStart.random(model.config(), widthDivisor, trainBatch), collector);
            for (Precision precision : precisions) {
                result.add(new GpuContest.Round("training " + model + " x" + trainBatch + " " + precision, model, trainBatch,
                        precision, true, collector.flop()));
            }
        }
        return result;
    }

    private void compare(PrintWriter out, List<GpuContest.Round> all) throws IOException {
        out.printf("%n%-28s  %-32s %10s  %7s   %8s  %7s  %7s   %10s  %9s%n", "", "contender", "median", "spread", "TFLOP/s",
                "of peak", "speed", "difference", "memory");
        JsonArray results = report.has("results") ? report.getAsJsonArray("results") : new JsonArray();
        report.add("results", results);
        GpuContest contest = new GpuContest(new GpuContest.Settings(device, torch, python, widthDivisor, frames, rounds,
                warmups), spec.commandLine().getErr());
        for (GpuContest.Round round : all) {
            if (late(round.what())) {
                continue;
            }
            for (Contest.Entry entry : contest.run(round)) {
                JsonObject result = Report.result(round.model(), entry);
                result.addProperty("what", round.what());
                result.addProperty("batch", round.batch());
                result.addProperty("precision", round.precision().toString());
                result.addProperty("tflops", 1e-12 * round.flop() / entry.median());
                if (!Double.isNaN(peak)) {
                    result.addProperty("share_of_float32_peak", 1e-9 * round.flop() / entry.median() / peak);
                }
                Long bytes = contest.bytes().get(entry.contender());
                if (bytes != null) {
                    result.addProperty("buffer_bytes", bytes);
                }
                results.add(result);
                out.print(row(round, entry, bytes));
                out.flush();
            }
        }
    }

    private String row(GpuContest.Round round, Contest.Entry entry, Long bytes) {
        double gigaflops = 1e-9 * round.flop() / entry.median();
        return String.format(Locale.ROOT, "%-28s  %-32s %7.2f ms  %5.1f %%   %8.3f  %7s  %6.2fx   %10.1e  %9s%n",
                round.what(), entry.contender(), 1e3 * entry.median(), 100 * entry.spread(), 1e-3 * gigaflops,
                share(gigaflops / peak), entry.speedup(), entry.maxDifference(),
                bytes == null ? "-" : (bytes >> 20) + " MiB");
    }

    private static String share(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private void host(PrintWriter out) {
        JsonArray results = new JsonArray();
        try (Backend backend = Backends.open(device)) {
            if (!(backend instanceof OpenClBackend opencl)) {
                out.println("host time: " + device + " has no launches to count");
                return;
            }
            out.printf("%n%-22s %8s %14s %12s %14s %12s%n", "host time x1", "kernels", "arguments set", "to start",
                    "for a kernel", "to the end");
            for (Model model : models) {
                HostTime time = HostTime.of(model.config(), frames, opencl);
                out.printf(Locale.ROOT, "%-22s %8d %14d %9.3f ms %11.2f us %9.3f ms%n", model, time.launches(),
                        time.arguments(), 1e3 * time.hostSeconds(), time.microsecondsPerKernel(), 1e3 * time.seconds());
                JsonObject result = new Gson().toJsonTree(time).getAsJsonObject();
                result.addProperty("model", model.name());
                results.add(result);
            }
        }
        report.add("host", results);
    }

    private void kernels(PrintWriter out) {
        JsonArray results = new JsonArray();
        Model model = trainModels.getFirst();
        try (KernelTimes times = new KernelTimes(Backends.open(device));
                TrainSteps steps = new TrainSteps(TrainStart.random(model.config(), widthDivisor, trainBatch), times)) {
            steps.step();
            times.forget();
            steps.step();
            double all = times.rows().stream().mapToDouble(KernelTimes.Row::seconds).sum();
            out.printf(Locale.ROOT, "%nkernels of a training step of %s x%d in float32, each waited for: %.1f ms%n", model,
                    trainBatch, 1e3 * all);
            for (KernelTimes.Row row : times.rows()) {
                results.add(new Gson().toJsonTree(row));
            }
            times.rows().stream().limit(ROWS).forEach(row -> out.printf(Locale.ROOT,
                    "%9.3f ms %5d  %8.3f TFLOP/s %7s of peak %8.1f GB/s  %s%n", 1e3 * row.seconds(), row.count(),
                    1e-12 * row.flop() / row.seconds(), share(1e-9 * row.flop() / row.seconds() / peak),
                    1e-9 * row.bytes() / row.seconds(), row.what()));
        }
        report.add("kernels", results);
    }
}

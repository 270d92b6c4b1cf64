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
import java.io.Writer;
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
                    + "Aulos is timed, and a line says why. What there is no time for is left out, and said so.",
            "Each section has a process and a time of its own, so one that fails does not take the others; the exit code is "
                    + "then 1."
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
    enum Section {
        GOLDEN(0.2), TUNE(0), SYNTHESIS(0.4), TRAINING(0.3), HOST(0.1), KERNELS(0.1);

        /** Of all the time, at most; tuning is told in seconds. */
        private final double share;

        Section(double share) {
            this.share = share;
        }
    }

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

    @Option(names = "--golden", paramLabel = "DIR",
            description = "golden values (default: ../shared/golden beside the project, or shared/golden in this folder)")
    private Path golden;

    @Option(names = "--only", hidden = true, paramLabel = "SECTION", description = "in a process of its own")
    private Section only;

    @Option(names = "--only-seconds", hidden = true, paramLabel = "N", description = "when that begins nothing more")
    private long onlySeconds;

    @Option(names = "--only-report", hidden = true, paramLabel = "FILE", description = "what that reports")
    private Path onlyReport;

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
        if (only != null) {
            return section(only);
        }
        Report.requireWritable(json);
        end = System.nanoTime() + minutes * 60_000_000_000L;
        PrintWriter out = spec.commandLine().getOut();
        describe(out);
        JsonObject failures = new JsonObject();
        SectionProcess processes = new SectionProcess(out, report);
        for (Section section : Section.values()) {
            String name = section.name().toLowerCase(Locale.ROOT);
            if (sections.contains(section) && !late(name)) {
                String failure = inOwnProcess(processes, section);
                if (failure != null) {
                    failures.addProperty(name, failure);
                    report.add("failures", failures);
                    spec.commandLine().getErr().println("aulos: " + name + " " + failure);
                }
                Report.write(json, report);
            }
        }
        return failures.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private String inOwnProcess(SectionProcess processes, Section section) throws IOException {
        long left = Math.max(1, (end - System.nanoTime()) / 1_000_000_000);
        long own = section == Section.TUNE ? tuneSeconds : Math.round(60 * minutes * section.share);
        long seconds = Math.min(left, Math.max(1, own));
        try (Folder folder = Folder.create()) {
            Path written = folder.file("report.json");
            List<String> arguments = new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
            arguments.addAll(List.of("--only", section.name(), "--only-seconds", Long.toString(seconds), "--only-report",
                    written.toString()));
            return processes.run(JavaProcess.command(Bench.class, arguments.toArray(String[]::new)), written,
                    seconds + SectionProcess.GRACE_SECONDS);
        }
    }

    /** One section in this process. */
    private int section(Section section) throws IOException {
        json = onlyReport;
        end = System.nanoTime() + onlySeconds * 1_000_000_000L;
        PrintWriter out = spec.commandLine().getOut();
        peak = peak(new PrintWriter(Writer.nullWriter()));
        boolean right = switch (section) {
            case GOLDEN -> golden(out);
            case TUNE -> tune(out);
            case SYNTHESIS -> compare(out, synthesis());
            case TRAINING -> compare(out, training());
            case HOST -> host(out);
            case KERNELS -> kernels(out);
        };
        Report.write(json, report);
        return right ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private boolean late(String what) {
        boolean late = System.nanoTime() > end;
        if (late) {
            spec.commandLine().getErr().println("aulos: the time is up: " + what + " is left out");
        }
        return late;
    }

    private void describe(PrintWriter out) {
        double known = peak(out);
        if (!Double.isNaN(known)) {
            out.printf(Locale.ROOT, "float32 peak %.1f TFLOP/s%n", 1e-3 * known);
            report.addProperty("float32_peak_tflops", 1e-3 * known);
        }
    }

    /** Says what the device is; returns its float32 peak in GFLOP/s, NaN if it is not known. */
    private double peak(PrintWriter out) {
        OptionalDouble known;
        try (Backend backend = Backends.open(device)) {
            out.println(backend.description());
            report.addProperty("device", backend.description());
            known = backend instanceof OpenClBackend opencl ? opencl.peakGigaflops() : OptionalDouble.empty();
            if (precisions == null) {
                precisions = Arrays.stream(Precision.values()).filter(precision -> takes(backend, precision)).toList();
            }
        }
        return known.isPresent() ? known.getAsDouble()
                : device.startsWith("opencl") ? Double.NaN : FmaPeak.gigaflops(Runtime.getRuntime().availableProcessors());
    }

    private static boolean takes(Backend backend, Precision precision) {
        try {
            backend.useConvolutionPrecision(precision);
            return true;
        } catch (IllegalStateException lacking) {
            return false;
        }
    }

    private boolean golden(PrintWriter out) throws IOException {
        Path values = goldenValues();
        if (values == null) {
            out.println("golden values: there are none, nothing was compared with them (see --golden)");
            report.addProperty("golden", "absent");
            return true;
        }
        out.flush();
        List<String> command = JavaProcess.command("aulos.hifigan.testing.GoldenRun", GOLDEN_TESTS.toArray(String[]::new));
        command.add(1, "-Daulos.golden=" + values.toAbsolutePath().normalize());
        boolean met = new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue() == 0;
        report.addProperty("golden", met ? "passed" : "failed");
        if (!met) {
            out.println("the golden values are not met: what is timed computes something else");
        }
        return met;
    }

    /** Null if there are none. */
    private Path goldenValues() {
        // In the project, this program's jar is bench/target/aulos-bench.jar.
        Path jar = Path.of(System.getProperty("java.class.path").split(File.pathSeparator, 2)[0]).toAbsolutePath();
        List<Path> places = golden != null ? List.of(golden)
                : List.of(jar.resolve("../../../../shared/golden").normalize(), Path.of("shared/golden"));
        return places.stream().filter(Files::isDirectory).findFirst().orElse(null);
    }

    private boolean tune(PrintWriter out) throws IOException {
        try (ConvTuner tuner = new ConvTuner(TuneCommand.index(spec, device))) {
            report.add("tuning", new TuneRun(tuner, out, Math.toIntExact(onlySeconds)).tune(
                    TuneCommand.layers(models, frames, trainBatch, widthDivisor), precisions));
            out.println("kept in " + tuner.store());
        }
        return true;
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

    /** A round that fails is told, and the next one begun. */
    private boolean compare(PrintWriter out, List<GpuContest.Round> all) throws IOException {
        boolean right = true;
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
            try {
                for (Contest.Entry entry : contest.run(round)) {
                    Long bytes = contest.bytes().get(entry.contender());
                    results.add(result(round, entry, bytes));
                    out.print(row(round, entry, bytes));
                }
            } catch (IOException | IllegalStateException failed) {
                out.println("aulos: " + round.what() + " failed: " + failed.getMessage());
                right = false;
            }
            out.flush();
            Report.write(json, report);
        }
        return right;
    }

    private JsonObject result(GpuContest.Round round, Contest.Entry entry, Long bytes) {
        JsonObject result = Report.result(round.model(), entry);
        result.addProperty("what", round.what());
        result.addProperty("batch", round.batch());
        result.addProperty("precision", round.precision().toString());
        result.addProperty("tflops", 1e-12 * round.flop() / entry.median());
        if (!Double.isNaN(peak)) {
            result.addProperty("share_of_float32_peak", 1e-9 * round.flop() / entry.median() / peak);
        }
        if (bytes != null) {
            result.addProperty("buffer_bytes", bytes);
        }
        return result;
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

    private boolean host(PrintWriter out) {
        JsonArray results = new JsonArray();
        try (Backend backend = Backends.open(device)) {
            if (!(backend instanceof OpenClBackend opencl)) {
                out.println("host time: " + device + " has no launches to count");
                return true;
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
        return true;
    }

    private boolean kernels(PrintWriter out) {
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
        return true;
    }
}

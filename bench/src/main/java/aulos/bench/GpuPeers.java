// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.hifigan.model.HifiGanConfig;
import aulos.kernels.cpu.FmaPeak;
import aulos.kernels.opencl.OpenClBackend;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
            "Checks an OpenCL device against the golden values, then compares synthesis and a whole training step with "
                    + "PyTorch on CUDA (eager, cudnn.benchmark, TF32 off and on), taking turns.",
            "Results are compared first; nothing is timed that computes something else. Without PyTorch or CUDA, only "
                    + "Aulos is timed, and a line says why."
        })
final class GpuPeers implements Callable<Integer> {
    /** Of what a run is told by, relative: rounding of float32, and of the 11 bits that TF32 multiplies. */
    private static final double MAX_DIFFERENCE = 1e-4;

    private static final double MAX_DIFFERENCE_TF32 = 5e-2;

    private static final List<String> GOLDEN_TESTS = List.of("aulos.hifigan.model.GeneratorGoldenTest",
            "aulos.hifigan.model.DiscriminatorGoldenTest", "aulos.hifigan.model.MelSpectrogramTest",
            "aulos.hifigan.train.TrainingGoldenTest");

    /** The torch side of a comparison. */
    enum Torch { CUDA, CPU, NONE }

    @Spec
    private CommandSpec spec;

    @Option(names = "--device", defaultValue = "opencl:0", paramLabel = "D",
            description = "what Aulos computes on (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(names = "--models", split = ",", defaultValue = "V1,V2,V3", paramLabel = "MODEL",
            description = "generators to synthesise with (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--batches", split = ",", defaultValue = "1,16", paramLabel = "N",
            description = "clips that are synthesised at once (default: ${DEFAULT-VALUE})")
    private List<Integer> batches;

    @Option(names = "--frames", defaultValue = "256", paramLabel = "N",
            description = "mel frames of each clip (default: ${DEFAULT-VALUE})")
    private int frames;

    @Option(names = "--train-models", split = ",", defaultValue = "V1", paramLabel = "MODEL",
            description = "generators to train (default: ${DEFAULT-VALUE})")
    private List<Model> trainModels;

    @Option(names = "--train-batch", defaultValue = "16", paramLabel = "N",
            description = "segments of 8192 samples in a training step; 0: no training (default: ${DEFAULT-VALUE})")
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

    @Option(names = "--golden", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "compare with the golden values first, if they are beside the project (default: yes)")
    private boolean golden;

    @Option(names = "--json", paramLabel = "FILE", description = "also write all figures here")
    private Path json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    /** What is timed: one model at one size. */
    private record Round(String what, Model model, int batch, boolean trains, double flop) {}

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--frames", frames, 1);
        Bench.atLeast(spec, "--train-batch", trainBatch, 0);
        Bench.atLeast(spec, "--rounds", rounds, 1);
        Bench.atLeast(spec, "--warmup", warmups, 0);
        for (int batch : batches) {
            Bench.atLeast(spec, "--batches", batch, 1);
        }
        Report.requireWritable(json);
        PrintWriter out = spec.commandLine().getOut();
        JsonObject report = new JsonObject();
        double peak = describe(out, report);
        if (golden) {
            report.addProperty("golden", golden(out));
        }
        out.printf("%n%-22s  %-26s %10s  %7s   %8s  %7s  %7s   %10s%n", "", "contender", "median", "spread", "TFLOP/s",
                "of peak", "speed", "difference");
        JsonArray results = new JsonArray();
        for (Round round : rounds()) {
            for (Contest.Entry entry : contest(round)) {
                JsonObject result = Report.result(round.model, entry);
                result.addProperty("what", round.what);
                result.addProperty("batch", round.batch);
                result.addProperty("tflops", 1e-12 * round.flop / entry.median());
                if (!Double.isNaN(peak)) {
                    result.addProperty("share_of_float32_peak", 1e-9 * round.flop / entry.median() / peak);
                }
                results.add(result);
                out.print(row(round, entry, peak));
                out.flush();
            }
        }
        report.add("results", results);
        Report.write(json, report);
        return ExitCode.OK;
    }

    /** Says what the device is; returns its float32 peak in GFLOP/s, NaN if it is not known. */
    private double describe(PrintWriter out, JsonObject report) {
        OptionalDouble peak;
        try (Backend backend = Backends.open(device)) {
            out.println(backend.description());
            report.addProperty("device", backend.description());
            peak = backend instanceof OpenClBackend opencl ? opencl.peakGigaflops() : OptionalDouble.empty();
        }
        double known = peak.isPresent() ? peak.getAsDouble()
                : device.startsWith("opencl") ? Double.NaN : FmaPeak.gigaflops(Runtime.getRuntime().availableProcessors());
        if (!Double.isNaN(known)) {
            out.printf(Locale.ROOT, "float32 peak %.1f TFLOP/s%n", 1e-3 * known);
            report.addProperty("float32_peak_tflops", 1e-3 * known);
        }
        return known;
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

    private List<Round> rounds() {
        List<Round> rounds = new ArrayList<>();
        for (Model model : models) {
            for (int batch : batches) {
                rounds.add(new Round("synthesis " + model + " x" + batch, model, batch, false,
                        2.0 * model.config().macsPerFrame() * frames * batch));
            }
        }
        if (trainBatch > 0) {
            for (Model model : trainModels) {
                LayerCollector collector = new LayerCollector();
                TuneCommand.train(TrainStart.random(model.config(), widthDivisor, trainBatch), collector);
                rounds.add(new Round("training " + model + " x" + trainBatch, model, trainBatch, true, collector.flop()));
            }
        }
        return rounds;
    }

    private List<Contest.Entry> contest(Round round) throws IOException {
        HifiGanConfig config = round.model.config();
        List<TrainProcess> contenders = new ArrayList<>();
        try (Folder folder = Folder.create()) {
            Path start = folder.file("start.pt");
            TrainStart begin = round.trains ? TrainStart.random(config, widthDivisor, round.batch)
                    : TrainStart.random(config, 8, round.batch, frames * config.mel().hopSize());
            begin.write(start);
            try {
                startPyTorch(folder.path(), start, contenders);
                contenders.add(new TrainProcess(
                        JavaProcess.command(TrainSteps.class, start.toString(), device), folder.file("aulos.txt")));
                Files.delete(start);
                return contest(round, contenders);
            } finally {
                contenders.forEach(TrainProcess::close);
            }
        }
    }

    private void startPyTorch(Path folder, Path start, List<TrainProcess> contenders) throws IOException {
        if (torch == Torch.NONE) {
            return;
        }
        Path script = folder.resolve("train_step.py");
        try (InputStream in = GpuPeers.class.getResourceAsStream("train_step.py")) {
            Files.copy(in, script);
        }
        int threads = Runtime.getRuntime().availableProcessors();
        for (String where : torch == Torch.CPU ? List.of("cpu") : List.of("cuda", "cuda-tf32")) {
            try {
                contenders.add(new TrainProcess(List.of(python, "-W", "ignore", script.toString(), start.toString(),
                        Integer.toString(threads), where), folder.resolve(where + ".txt")));
            } catch (TrainProcess.Unavailable e) {
                spec.commandLine().getErr().println("aulos: nothing to compare with: " + e.getMessage());
                return;
            }
        }
    }

    private List<Contest.Entry> contest(Round round, List<TrainProcess> contenders) throws IOException {
        Map<String, Contest.Turn> turns = new LinkedHashMap<>();
        Map<String, Double> differences = new LinkedHashMap<>();
        Map<String, Double> expected = null;
        for (TrainProcess contender : contenders) {
            Map<String, Double> values = turn(round, contender).losses();
            expected = expected == null ? values : expected;
            double greatest = 0;
            for (Map.Entry<String, Double> value : expected.entrySet()) {
                double found = values.getOrDefault(value.getKey(), Double.NaN);
                greatest = Math.max(greatest, Math.abs(found - value.getValue()) / Math.abs(value.getValue()));
            }
            double limit = contender.contender().endsWith("TF32") ? MAX_DIFFERENCE_TF32 : MAX_DIFFERENCE;
            // Negated, so that NaN is caught too.
            if (!(greatest <= limit)) {
                throw new IllegalStateException(round.what + ": " + contender.contender() + " gives " + values
                        + ", expected what " + contenders.getFirst().contender() + " gives, " + expected);
            }
            differences.put(contender.contender(), greatest);
            turns.put(contender.contender(), () -> turn(round, contender).seconds());
        }
        return Contest.time(turns, differences, warmups, rounds);
    }

    private static TrainProcess.Step turn(Round round, TrainProcess contender) throws IOException {
        return round.trains ? contender.step() : contender.synthesise();
    }

    private static String row(Round round, Contest.Entry entry, double peak) {
        double gigaflops = 1e-9 * round.flop / entry.median();
        return String.format(Locale.ROOT, "%-22s  %-26s %7.2f ms  %5.1f %%   %8.3f  %7s  %6.2fx   %10.1e%n", round.what,
                entry.contender(), 1e3 * entry.median(), 100 * entry.spread(), 1e-3 * gigaflops,
                Double.isNaN(peak) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * gigaflops / peak),
                entry.speedup(), entry.maxDifference());
    }
}

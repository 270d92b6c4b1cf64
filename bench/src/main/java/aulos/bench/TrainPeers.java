// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares the time and memory of a whole training step with PyTorch's, each in a process of its own, in one run. */
@Command(
        name = "train",
        sortOptions = false,
        description = {
            "Compares a training step, generator and discriminators, with PyTorch's: same weights, same audio, taking "
                    + "turns.",
            "The losses of the first step are compared first; nothing is timed that computes something else."
        })
final class TrainPeers implements Callable<Integer> {
    /** Of any loss of the first step, relative; rounding gives 1e-6 to 1e-5. */
    private static final double MAX_DIFFERENCE = 1e-4;

    private static final double GIB = 1L << 30;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run = new RunOptions(List.of(Model.V1, Model.V2), 5, 6);

    @Option(names = "--batch", defaultValue = "2", paramLabel = "N",
            description = "segments of 8192 samples in a step (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(names = "--width-divisor", defaultValue = "1", paramLabel = "N",
            description = "of the discriminators' channels: 2, 4 or 8 for a quick try (default: ${DEFAULT-VALUE})")
    private int widthDivisor;

    @Option(names = "--recompute",
            description = "also time the step that keeps less of the generator for its backward pass and runs the stages' "
                    + "residual blocks again there")
    private boolean recompute;

    @Option(names = "--python", split = ",", defaultValue = "python3,/usr/bin/python3", paramLabel = "PROGRAM",
            description = "Python with PyTorch; of several the first that has it (default: ${DEFAULT-VALUE})")
    private List<String> pythons;

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--batch", batch, 1);
        if (!List.of(1, 2, 4, 8).contains(widthDivisor)) {
            throw new ParameterException(spec.commandLine(),
                    "--width-divisor is " + widthDivisor + ", expected 1, 2, 4 or 8");
        }
        run.check();
        double load = Report.warnIfLoaded(run.err());
        PrintWriter out = run.out();
        out.printf("batch of %d segments, %d threads, %d rounds after %d to warm up%n%n", batch, run.threads(),
                run.rounds(), 1 + run.warmups());
        out.printf("%-5s  %-20s %9s  %9s  %7s   %7s   %8s   %8s   %10s%n", "model", "contender", "median", "best",
                "spread", "speed", "peak", "buffers", "difference");
        out.flush();
        JsonArray results = new JsonArray();
        double busiest = 0;
        for (Model model : run.models()) {
            for (JsonObject result : results(model)) {
                results.add(result);
                out.print(row(result));
                out.flush();
                busiest = Math.max(busiest, result.get("spread").getAsDouble());
            }
        }
        Report.warnIfBusy(run.err(), busiest);
        JsonObject report = new JsonObject();
        report.addProperty("batch", batch);
        report.addProperty("width_divisor", widthDivisor);
        report.addProperty("threads", run.threads());
        report.addProperty("load_average", load);
        report.addProperty("java", Runtime.version().toString());
        report.add("results", results);
        Report.write(run.json(), report);
        return ExitCode.OK;
    }

    private List<JsonObject> results(Model model) throws IOException {
        try (Folder folder = Folder.create()) {
            Path start = folder.file("start.pt");
            TrainStart.random(model.config(), widthDivisor, batch).write(start);
            List<TrainProcess> contenders = new ArrayList<>();
            try {
                startPyTorch(folder, start, contenders);
                contenders.add(new TrainProcess(JavaProcess.command(TrainSteps.class, start.toString(),
                        Integer.toString(run.threads())), folder.file("aulos.txt")));
                if (recompute) {
                    contenders.add(new TrainProcess(JavaProcess.command(TrainSteps.class, start.toString(),
                            Integer.toString(run.threads()), "recompute"), folder.file("recompute.txt")));
                }
                // Hundreds of megabytes that an interrupt would leave behind.
                Files.delete(start);
                return results(model, contenders);
            } finally {
                contenders.forEach(TrainProcess::close);
            }
        }
    }

    /** Adds the first PyTorch there is, or says that there is none. */
    private void startPyTorch(Folder folder, Path start, List<TrainProcess> contenders) throws IOException {
        Path script = folder.copy("train_step.py");
        List<String> reasons = new ArrayList<>();
        for (String python : pythons) {
            try {
                contenders.add(new TrainProcess(List.of(python, "-W", "ignore", script.toString(), start.toString(),
                        Integer.toString(run.threads()), "cpu"), folder.file("pytorch.txt")));
                return;
            } catch (TrainProcess.Unavailable e) {
                reasons.add(e.getMessage());
            }
        }
        run.err().println("aulos: without PyTorch, nothing to compare with: "
                + String.join("; ", reasons) + " (--python names another)");
    }

    private List<JsonObject> results(Model model, List<TrainProcess> contenders) throws IOException {
        Map<String, Double> differences = compare(contenders);
        Map<String, Contest.Turn> turns = new LinkedHashMap<>();
        Map<String, OptionalLong> buffers = new LinkedHashMap<>();
        for (TrainProcess contender : contenders) {
            turns.put(contender.contender(), () -> {
                TrainProcess.Step step = contender.step();
                buffers.put(contender.contender(), step.bufferBytes());
                return step.seconds();
            });
        }
        List<Contest.Entry> entries = Contest.time(turns, differences, run.warmups(), run.rounds());
        List<JsonObject> results = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Contest.Entry entry = entries.get(i);
            JsonObject result = Report.result(model, entry);
            contenders.get(i).peakBytes().ifPresent(bytes -> result.addProperty("peak_bytes", bytes));
            buffers.get(entry.contender()).ifPresent(bytes -> result.addProperty("buffer_bytes", bytes));
            results.add(result);
        }
        return results;
    }

    /**
     * One step of each; the greatest relative difference of a loss to the first contender's.
     *
     * @throws IllegalStateException if it is too great, or if there are other losses
     */
    private static Map<String, Double> compare(List<TrainProcess> contenders) throws IOException {
        Map<String, Double> differences = new LinkedHashMap<>();
        Map<String, Double> expected = null;
        for (TrainProcess contender : contenders) {
            Map<String, Double> losses = contender.step().losses();
            expected = expected == null ? losses : expected;
            double greatest = 0;
            for (Map.Entry<String, Double> loss : expected.entrySet()) {
                double value = losses.getOrDefault(loss.getKey(), Double.NaN);
                double difference = Math.abs(value - loss.getValue()) / Math.abs(loss.getValue());
                // Negated, so that NaN is caught too.
                if (!(difference <= MAX_DIFFERENCE)) {
                    throw new IllegalStateException(contender.contender() + ": in the first step its loss "
                            + loss.getKey() + " is " + value + ", expected that of "
                            + contenders.getFirst().contender() + ", " + loss.getValue());
                }
                greatest = Math.max(greatest, difference);
            }
            differences.put(contender.contender(), greatest);
        }
        return differences;
    }

    static String row(JsonObject result) {
        return String.format(Locale.ROOT, "%-5s  %-20s %7.3f s  %7.3f s  %5.1f %%   %6.2fx   %8s   %8s   %10.1e%n",
                result.get("model").getAsString(), result.get("contender").getAsString(),
                result.get("median_seconds").getAsDouble(), result.get("best_seconds").getAsDouble(),
                100 * result.get("spread").getAsDouble(), result.get("speedup").getAsDouble(),
                gibibytes(result, "peak_bytes"), gibibytes(result, "buffer_bytes"),
                result.get("max_difference").getAsDouble());
    }

    private static String gibibytes(JsonObject result, String key) {
        return result.has(key) ? String.format(Locale.ROOT, "%.2f GiB", result.get(key).getAsLong() / GIB) : "-";
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.hifigan.export.OnnxExport;
import aulos.hifigan.model.HifiGanConfig;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares the time to synthesize audio with that of other programs, in one process and one run. */
@Command(
        name = "peers",
        sortOptions = false,
        description = {
            "Compares the generator's speed with ONNX Runtime's: same weights, same mels, taking turns.",
            "The audio is compared first; nothing is timed that computes something else."
        })
public final class Peers implements Callable<Integer> {
    /** The paper's generators, by the names that {@code --models} takes. */
    enum Model {
        V1(HifiGanConfig.V1),
        V2(HifiGanConfig.V2),
        V3(HifiGanConfig.V3);

        private final HifiGanConfig config;

        Model(HifiGanConfig config) {
            this.config = config;
        }
    }

    /** Spread above which figures need a warning; on an idle machine it is 1 to 3 %. */
    private static final double BUSY = 0.1;

    @Spec
    private CommandSpec spec;

    @Option(names = "--models", split = ",", defaultValue = "V1,V2,V3", paramLabel = "MODEL",
            description = "generators to time (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--frames", defaultValue = "256", paramLabel = "N",
            description = "mel frames to synthesize (default: ${DEFAULT-VALUE})")
    private int frames;

    @Option(names = "--threads", defaultValue = "2", paramLabel = "N",
            description = "threads of each contender (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--rounds", defaultValue = "15", paramLabel = "N",
            description = "timed runs of each contender (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--warmup", defaultValue = "5", paramLabel = "N",
            description = "runs before the timed ones (default: ${DEFAULT-VALUE})")
    private int warmups;

    @Option(names = "--json", paramLabel = "FILE", description = "also write all figures here")
    private Path json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Peers());
        commandLine.setCommandName("aulos bench peers");
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((e, args) -> {
            PrintWriter err = e.getCommandLine().getErr();
            err.println("aulos: " + e.getMessage() + "; see aulos bench peers --help");
            return 2;
        });
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> {
            command.getErr().println("aulos: " + e.getMessage());
            return 1;
        });
        return commandLine;
    }

    @Override
    public Integer call() throws IOException {
        atLeast("--frames", frames, 1);
        atLeast("--threads", threads, 1);
        atLeast("--rounds", rounds, 1);
        atLeast("--warmup", warmups, 0);
        if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
            throw new IOException("--json " + json + ": cannot be written: its folder does not exist");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%d mel frames, %d threads, %d rounds after %d to warm up%n%n", frames, threads, rounds, warmups);
        out.printf("%-5s  %-20s %9s  %9s  %7s   %9s   %7s   %5s   %10s%n", "model", "contender", "median", "best",
                "spread", "real time", "GFLOP/s", "speed", "difference");
        JsonArray results = new JsonArray();
        double busiest = 0;
        for (Model model : models) {
            for (Contest.Entry entry : contest(model.config)) {
                JsonObject result = result(model, entry);
                results.add(result);
                out.print(row(result));
                out.flush();
                busiest = Math.max(busiest, entry.spread());
            }
        }
        if (busiest > BUSY) {
            spec.commandLine().getErr().printf(Locale.ROOT, "aulos: the rounds differ by up to %.0f %%: the machine "
                    + "does other work, and threads that wait for each other suffer most from it%n", 100 * busiest);
        }
        if (json != null) {
            JsonObject report = new JsonObject();
            report.addProperty("frames", frames);
            report.addProperty("threads", threads);
            report.addProperty("java", Runtime.version().toString());
            report.add("results", results);
            Files.writeString(json, new GsonBuilder().setPrettyPrinting().create().toJson(report) + "\n");
        }
        return 0;
    }

    private void atLeast(String option, int value, int min) {
        if (value < min) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected at least " + min);
        }
    }

    private List<Contest.Entry> contest(HifiGanConfig config) throws IOException {
        Map<String, NdArray> weights = RandomWeights.of(config);
        float[] mel = RandomWeights.mel(config, frames);
        Path model = Files.createTempFile("aulos-bench", ".onnx");
        try {
            OnnxExport.write(model, config, weights);
            try (OnnxRuntimeSynthesis onnx = new OnnxRuntimeSynthesis(model, config.mel().mels(), threads);
                    AulosSynthesis aulos = new AulosSynthesis(config, weights, threads)) {
                Map<String, Synthesis> contenders = new LinkedHashMap<>();
                contenders.put("ONNX Runtime " + onnx.version(), onnx);
                contenders.put("Aulos", aulos);
                return Contest.run(contenders, mel, warmups, rounds);
            }
        } finally {
            Files.deleteIfExists(model);
        }
    }

    private JsonObject result(Model model, Contest.Entry entry) {
        HifiGanConfig config = model.config;
        double audioSeconds = (double) frames * config.mel().hopSize() / config.mel().samplingRate();
        JsonObject result = new JsonObject();
        result.addProperty("model", model.name());
        result.addProperty("contender", entry.contender());
        result.addProperty("median_seconds", entry.median());
        result.addProperty("best_seconds", Contest.quantile(entry.seconds(), 0));
        result.addProperty("spread", entry.spread());
        result.addProperty("realtime_factor", audioSeconds / entry.median());
        result.addProperty("gflops", 2e-9 * config.macsPerFrame() * frames / entry.median());
        result.addProperty("speedup", entry.speedup());
        result.addProperty("max_difference", entry.maxDifference());
        JsonArray all = new JsonArray();
        for (double seconds : entry.seconds()) {
            all.add(seconds);
        }
        result.add("all_seconds", all);
        return result;
    }

    private static String row(JsonObject result) {
        return String.format(
                Locale.ROOT, "%-5s  %-20s %6.1f ms  %6.1f ms  %5.1f %%   %8.2fx   %7.0f   %4.2fx   %10.1e%n",
                result.get("model").getAsString(), result.get("contender").getAsString(),
                1e3 * result.get("median_seconds").getAsDouble(), 1e3 * result.get("best_seconds").getAsDouble(),
                100 * result.get("spread").getAsDouble(),
                result.get("realtime_factor").getAsDouble(), result.get("gflops").getAsDouble(),
                result.get("speedup").getAsDouble(), result.get("max_difference").getAsDouble());
    }
}

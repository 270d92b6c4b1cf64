// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.hifigan.export.OnnxExport;
import aulos.hifigan.model.HifiGanConfig;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the time to synthesize audio with that of other programs, in one process and one run. */
@Command(
        name = "peers",
        sortOptions = false,
        description = {
            "Compares the generator's speed with ONNX Runtime's: same weights, same mels, taking turns.",
            "The audio is compared first; nothing is timed that computes something else."
        })
final class Peers implements Callable<Integer> {
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

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--frames", frames, 1);
        Bench.atLeast(spec, "--threads", threads, 1);
        Bench.atLeast(spec, "--rounds", rounds, 1);
        Bench.atLeast(spec, "--warmup", warmups, 0);
        Report.requireWritable(json);
        double load = Report.warnIfLoaded(spec.commandLine().getErr());
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%d mel frames, %d threads, %d rounds after %d to warm up%n%n", frames, threads, rounds, warmups);
        out.printf("%-5s  %-20s %9s  %9s  %7s   %9s   %7s   %5s   %10s%n", "model", "contender", "median", "best",
                "spread", "real time", "GFLOP/s", "speed", "difference");
        JsonArray results = new JsonArray();
        double busiest = 0;
        for (Model model : models) {
            for (Contest.Entry entry : contest(model.config())) {
                JsonObject result = result(model, entry);
                results.add(result);
                out.print(row(result));
                out.flush();
                busiest = Math.max(busiest, entry.spread());
            }
        }
        Report.warnIfBusy(spec.commandLine().getErr(), busiest);
        JsonObject report = new JsonObject();
        report.addProperty("frames", frames);
        report.addProperty("threads", threads);
        report.addProperty("load_average", load);
        report.addProperty("java", Runtime.version().toString());
        report.add("results", results);
        Report.write(json, report);
        return 0;
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
        HifiGanConfig config = model.config();
        double audioSeconds = (double) frames * config.mel().hopSize() / config.mel().samplingRate();
        JsonObject result = Report.result(model, entry);
        result.addProperty("realtime_factor", audioSeconds / entry.median());
        result.addProperty("gflops", 2e-9 * config.macsPerFrame() * frames / entry.median());
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

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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the time to synthesize audio with that of other programs, in one process and one run. */
@Command(
        name = "peers",
        sortOptions = false,
        description = {
            "Compares the generator's speed with ONNX Runtime's and PyTorch's: same weights, same mels, taking turns.",
            "The audio is compared first; nothing is timed that computes something else."
        })
final class Peers implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run = new RunOptions(List.of(Model.values()), 21, 40);

    @Option(names = "--frames", defaultValue = "256", paramLabel = "N",
            description = "mel frames to synthesize (default: ${DEFAULT-VALUE})")
    private int frames;

    @Option(names = "--pytorch", description = "with PyTorch 2.7.1 too, of which the first time downloads 112 MB")
    private boolean pytorch;

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--frames", frames, 1);
        run.check();
        double load = Report.warnIfLoaded(run.err());
        PrintWriter out = run.out();
        out.printf("%d mel frames, %d threads, %d rounds after %d to warm up%n%n", frames, run.threads(), run.rounds(),
                run.warmups());
        out.printf("%-5s  %-20s %9s  %9s  %7s   %9s   %7s   %5s   %10s%n", "model", "contender", "median", "best",
                "spread", "real time", "GFLOP/s", "speed", "difference");
        JsonArray results = new JsonArray();
        double busiest = 0;
        for (Model model : run.models()) {
            for (Contest.Entry entry : contest(model.config())) {
                JsonObject result = result(model, entry);
                results.add(result);
                out.print(row(result));
                out.flush();
                busiest = Math.max(busiest, entry.spread());
            }
        }
        Report.warnIfBusy(run.err(), busiest);
        JsonObject report = new JsonObject();
        report.addProperty("frames", frames);
        report.addProperty("threads", run.threads());
        report.addProperty("load_average", load);
        report.addProperty("java", Runtime.version().toString());
        report.add("results", results);
        Report.write(run.json(), report);
        return 0;
    }

    private List<Contest.Entry> contest(HifiGanConfig config) throws IOException {
        Map<String, NdArray> weights = RandomWeights.of(config);
        float[] mel = RandomWeights.mel(config, frames);
        Path model = Files.createTempFile("aulos-bench", ".onnx");
        try {
            OnnxExport.write(model, config, weights);
            int threads = run.threads();
            try (OnnxRuntimeSynthesis onnx = new OnnxRuntimeSynthesis(model, config.mel().mels(), threads);
                    PyTorchSynthesis torch = pytorch ? new PyTorchSynthesis(config, weights, threads) : null;
                    AulosSynthesis aulos = new AulosSynthesis(config, weights, threads)) {
                Map<String, Synthesis> contenders = new LinkedHashMap<>();
                contenders.put("ONNX Runtime " + onnx.version(), onnx);
                if (torch != null) {
                    contenders.put("PyTorch " + torch.version(), torch);
                }
                contenders.put("Aulos", aulos);
                return Contest.run(contenders, mel, run.warmups(), run.rounds());
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

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.export.OnnxExport;
import aulos.hifigan.io.OrderedDict;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.vocode.Voice;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
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

/** Compares the time from the start of a process to a finished WAV, and its memory, with those of other programs. */
@Command(
        name = "startup",
        sortOptions = false,
        description = {
            "Compares whole processes, from start to finished WAV, and their memory: ours, the least Java program with "
                    + "ONNX Runtime, the least Python program with PyTorch. Same weights, same mel, taking turns.",
            "The audio is compared first; nothing is timed that computes something else."
        })
final class Startup implements Callable<Integer> {
    /** Two steps of 16 bits, and what rounding to them differs by. */
    private static final double MAX_DIFFERENCE = 1e-4;

    private static final double MIB = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run = new RunOptions(List.of(Model.V2), 9, 2);

    @Option(names = "--frames", split = ",", defaultValue = "861", paramLabel = "N",
            description = "mel frames to synthesize, of several lengths one after the other (default: ${DEFAULT-VALUE}, "
                    + "10 seconds; 86,861,5168,51680 are a second to ten minutes)")
    private List<Integer> lengths;

    @Option(names = "--launcher", defaultValue = "${sys:aulos.launcher:-./aulos}", paramLabel = "PROGRAM",
            description = "our program (default: the launcher that runs this)")
    private String launcher;

    @Option(names = "--python", split = ",", defaultValue = "python3,/usr/bin/python3", paramLabel = "PROGRAM",
            description = "Python with PyTorch; of several the first that has it (default: ${DEFAULT-VALUE})")
    private List<String> pythons;

    @Override
    public Integer call() throws IOException {
        for (int frames : lengths) {
            Bench.atLeast(spec, "--frames", frames, 1);
        }
        run.check();
        double load = Report.warnIfLoaded(run.err());
        PrintWriter out = run.out();
        out.printf("%d threads, %d rounds after %d to warm up%n%n", run.threads(), run.rounds(), run.warmups());
        out.printf("%-5s  %9s  %-20s %9s  %9s  %7s   %7s   %8s   %10s%n", "model", "audio", "contender", "median", "best",
                "spread", "speed", "peak", "difference");
        JsonArray results = new JsonArray();
        double busiest = 0;
        for (Model model : run.models()) {
            for (int frames : lengths) {
                try (Folder folder = Folder.create()) {
                    for (JsonObject result : results(model, frames, folder)) {
                        results.add(result);
                        out.print(row(result));
                        out.flush();
                        busiest = Math.max(busiest, result.get("spread").getAsDouble());
                    }
                }
            }
        }
        Report.warnIfBusy(run.err(), busiest);
        JsonObject report = new JsonObject();
        report.addProperty("threads", run.threads());
        report.addProperty("load_average", load);
        report.addProperty("java", Runtime.version().toString());
        report.add("results", results);
        Report.write(run.json(), report);
        return 0;
    }

    private List<JsonObject> results(Model model, int frames, Folder folder) throws IOException {
        Map<String, WholeProcess> contenders = contenders(model.config(), frames, folder);
        Map<String, Double> differences = compare(contenders, model.config().mel().samplingRate());
        Map<String, Long> peaks = new LinkedHashMap<>();
        Map<String, Contest.Turn> turns = new LinkedHashMap<>();
        contenders.forEach((name, process) -> turns.put(name, () -> {
            WholeProcess.Run ran = process.run();
            peaks.merge(name, ran.peakBytes(), Math::max);
            return ran.seconds();
        }));
        return Contest.time(turns, differences, run.warmups(), run.rounds()).stream().map(entry -> {
            JsonObject result = Report.result(model, entry);
            result.addProperty("frames", frames);
            result.addProperty("audio_seconds",
                    (double) model.config().samples(frames) / model.config().mel().samplingRate());
            result.addProperty("peak_bytes", peaks.get(entry.contender()));
            return result;
        }).toList();
    }

    /** Writes what the contenders read. */
    private Map<String, WholeProcess> contenders(HifiGanConfig config, int frames, Folder folder) throws IOException {
        Map<String, NdArray> weights = RandomWeights.of(config);
        float[] mel = RandomWeights.mel(config, frames);
        Path melFile = folder.file("mel.npy");
        Npy.write(melFile, NdArray.of(Shape.of(config.mel().mels(), frames), mel));
        Path onnx = folder.file("voice.onnx");
        OnnxExport.write(onnx, config, weights);
        Path voice = folder.file("voice.safetensors");
        new Voice(config, weights).save(voice);
        Path start = folder.file("start.pt");
        OrderedDict dict = new OrderedDict();
        dict.putAll(weights);
        PyTorchFile.write(start, Map.of("config", config.toJson(), "generator", dict,
                "mel", NdArray.of(Shape.of(1, config.mel().mels(), frames), mel)));
        String threads = Integer.toString(run.threads());

        Map<String, WholeProcess> contenders = new LinkedHashMap<>();
        Path wav = folder.file("onnx.wav");
        contenders.put("Java, ONNX Runtime", process(folder, wav, Map.of(), JavaProcess.command(OnnxRuntimeProcess.class,
                onnx.toString(), melFile.toString(), wav.toString(),
                Integer.toString(config.mel().samplingRate()), threads)));
        addPyTorch(contenders, folder, start, threads);
        Path ours = folder.file("aulos.wav");
        contenders.put("Aulos", process(folder, ours, Map.of("AULOS_OPTS", "-Daulos.cpu.threads=" + threads),
                List.of(launcher, "vocode", "--device", "cpu", "--checkpoint", voice.toString(), "--out", ours.toString(),
                        melFile.toString())));
        return contenders;
    }

    private static WholeProcess process(
            Folder folder, Path wav, Map<String, String> environment, List<String> command) {
        return new WholeProcess(command, environment, wav, folder.file("log.txt"));
    }

    /** Adds the first Python that has PyTorch, or says that there is none. */
    private void addPyTorch(Map<String, WholeProcess> contenders, Folder folder, Path start, String threads)
            throws IOException {
        folder.copy("train_step.py");
        Path script = folder.copy("vocode.py");
        Path wav = folder.file("pytorch.wav");
        StringBuilder reasons = new StringBuilder();
        for (String python : pythons) {
            WholeProcess process = process(folder, wav, Map.of(),
                    List.of(python, "-W", "ignore", script.toString(), start.toString(), threads, "cpu",
                            wav.toString()));
            try {
                process.run();
                contenders.put("Python, PyTorch", process);
                return;
            } catch (IOException e) {
                reasons.append("; ").append(e.getMessage());
            }
        }
        run.err().println("aulos: without PyTorch" + reasons + " (--python names another)");
    }

    /** The greatest difference of each one's audio to the first's, in full scales. */
    private static Map<String, Double> compare(Map<String, WholeProcess> contenders, int rate)
            throws IOException {
        Map<String, Double> differences = new LinkedHashMap<>();
        float[] expected = null;
        for (Map.Entry<String, WholeProcess> contender : contenders.entrySet()) {
            contender.getValue().run();
            float[] audio = AudioFile.read(contender.getValue().wav(), rate).samples();
            expected = expected == null ? audio : expected;
            double difference = Contest.maxDifference(audio, expected);
            if (!(difference <= MAX_DIFFERENCE)) {
                throw new IllegalStateException(contender.getKey() + ": its audio differs from that of "
                        + contenders.keySet().iterator().next() + " by " + difference + ", expected at most "
                        + MAX_DIFFERENCE);
            }
            differences.put(contender.getKey(), difference);
        }
        return differences;
    }

    private static String row(JsonObject result) {
        return String.format(Locale.ROOT, "%-5s  %7.1f s  %-20s %7.3f s  %7.3f s  %5.1f %%   %6.2fx   %4.0f MiB   %10.1e%n",
                result.get("model").getAsString(), result.get("audio_seconds").getAsDouble(),
                result.get("contender").getAsString(),
                result.get("median_seconds").getAsDouble(), result.get("best_seconds").getAsDouble(),
                100 * result.get("spread").getAsDouble(), result.get("speedup").getAsDouble(),
                result.get("peak_bytes").getAsLong() / MIB, result.get("max_difference").getAsDouble());
    }
}

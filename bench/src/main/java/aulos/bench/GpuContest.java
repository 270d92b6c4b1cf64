// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Precision;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One comparison of Aulos with PyTorch on a GPU: a model at one size and in one precision. */
final class GpuContest {
    /** Of what a run is told by, relative: rounding of float32, and of the 8 to 11 bits that TF32 and BF16 multiply. */
    private static final double MAX_DIFFERENCE = 1e-4;

    private static final double MAX_DIFFERENCE_ROUNDED = 5e-2;

    /** What is timed. */
    record Round(String what, Model model, int batch, Precision precision, boolean trains, double flop) {}

    /** How the contenders are run. */
    record Settings(String device, GpuPeers.Torch torch, String python, int widthDivisor, int frames, int rounds,
            int warmups) {}

    private final Settings settings;
    private final PrintWriter err;
    private final Map<String, Long> bytes = new LinkedHashMap<>();

    GpuContest(Settings settings, PrintWriter err) {
        this.settings = settings;
        this.err = err;
    }

    /** Device memory for tensors, of the contenders of the last comparison that can tell. */
    Map<String, Long> bytes() {
        return bytes;
    }

    List<Contest.Entry> run(Round round) throws IOException {
        HifiGanConfig config = round.model.config();
        List<TrainProcess> contenders = new ArrayList<>();
        bytes.clear();
        try (Folder folder = Folder.create()) {
            Path start = folder.file("start.pt");
            TrainStart begin = round.trains ? TrainStart.random(config, settings.widthDivisor, round.batch)
                    : TrainStart.random(config, 8, round.batch, settings.frames * config.mel().hopSize());
            begin.write(start);
            try {
                startPyTorch(folder.path(), start, round, contenders);
                contenders.add(new TrainProcess(JavaProcess.command(TrainSteps.class, start.toString(), settings.device,
                        round.precision.name()), folder.file("aulos.txt")));
                Files.delete(start);
                return run(round, contenders);
            } finally {
                contenders.forEach(TrainProcess::close);
            }
        }
    }

    private void startPyTorch(Path folder, Path start, Round round, List<TrainProcess> contenders) throws IOException {
        if (settings.torch == GpuPeers.Torch.NONE) {
            return;
        }
        Path script = folder.resolve("train_step.py");
        try (InputStream in = GpuContest.class.getResourceAsStream("train_step.py")) {
            Files.copy(in, script);
        }
        int threads = Runtime.getRuntime().availableProcessors();
        for (String where : places(round)) {
            try {
                contenders.add(new TrainProcess(List.of(settings.python, "-W", "ignore", script.toString(), start.toString(),
                        Integer.toString(threads), where), folder.resolve(where + ".txt")));
            } catch (TrainProcess.Unavailable e) {
                err.println("aulos: nothing to compare with: " + e.getMessage());
                return;
            }
        }
    }

    /** As train_step.py names them. */
    private List<String> places(Round round) {
        if (settings.torch == GpuPeers.Torch.CPU) {
            return round.precision == Precision.FLOAT32 ? List.of("cpu") : List.of();
        }
        String eager = round.precision == Precision.FLOAT32 ? "cuda" : "cuda-" + round.precision;
        return round.trains ? List.of(eager) : List.of(eager, eager + "-graph");
    }

    private List<Contest.Entry> run(Round round, List<TrainProcess> contenders) throws IOException {
        Map<String, Contest.Turn> turns = new LinkedHashMap<>();
        Map<String, Double> differences = new LinkedHashMap<>();
        Map<String, Double> expected = null;
        for (TrainProcess contender : contenders) {
            TrainProcess.Step first = turn(round, contender);
            Map<String, Double> values = first.losses();
            expected = expected == null ? values : expected;
            double greatest = 0;
            for (Map.Entry<String, Double> value : expected.entrySet()) {
                double found = values.getOrDefault(value.getKey(), Double.NaN);
                greatest = Math.max(greatest, Math.abs(found - value.getValue()) / Math.abs(value.getValue()));
            }
            double limit = round.precision == Precision.FLOAT32 ? MAX_DIFFERENCE : MAX_DIFFERENCE_ROUNDED;
            // Negated, so that NaN is caught too.
            if (!(greatest <= limit)) {
                throw new IllegalStateException(round.what + ": " + contender.contender() + " gives " + values
                        + ", expected what " + contenders.getFirst().contender() + " gives, " + expected);
            }
            differences.put(contender.contender(), greatest);
            turns.put(contender.contender(), () -> {
                TrainProcess.Step step = turn(round, contender);
                step.bufferBytes().ifPresent(most -> bytes.merge(contender.contender(), most, Math::max));
                return step.seconds();
            });
        }
        return Contest.time(turns, differences, settings.warmups, settings.rounds);
    }

    private static TrainProcess.Step turn(Round round, TrainProcess contender) throws IOException {
        return round.trains ? contender.step() : contender.synthesise();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.model.HifiGanConfig;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model, clips and lists so small that a step takes milliseconds. */
public final class TinyRun {
    static final int RATE = 8000;

    private static final String CONFIG = """
            {"resblock": "2", "batch_size": 2, "learning_rate": 0.0002, "adam_b1": 0.8, "adam_b2": 0.99,
             "lr_decay": 0.9, "seed": 7, "segment_size": 256, "num_mels": 8, "n_fft": 64, "hop_size": 16,
             "win_size": 64, "sampling_rate": 8000, "fmin": 0, "fmax": null, "fmax_for_loss": null,
             "upsample_rates": [4, 4], "upsample_kernel_sizes": [8, 8], "upsample_initial_channel": 8,
             "resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 3]]}
            """;

    private final Path folder;

    /** Writes {@code clips} clips of different lengths, the first shorter than a segment, and the lists. */
    public TinyRun(Path folder, int clips) throws IOException {
        this.folder = folder;
        Files.createDirectories(wavs());
        for (int i = 0; i < clips; i++) {
            writeWav(wavs().resolve("clip" + i + ".wav"), 200 + 150 * i, RATE);
        }
        writeList(trainList(), IntStream.range(0, clips).mapToObj(i -> "clip" + i).toList());
        writeList(validList(), List.of("clip1"));
        Files.writeString(configFile(), CONFIG);
    }

    public Path configFile() {
        return folder.resolve("config.json");
    }

    public Path wavs() {
        return folder.resolve("wavs");
    }

    public Path trainList() {
        return folder.resolve("training.txt");
    }

    public Path validList() {
        return folder.resolve("validation.txt");
    }

    HifiGanConfig config() throws IOException {
        return HifiGanConfig.read(configFile());
    }

    /** What every command line needs. */
    public List<String> arguments(Path out) {
        return List.of("train", "--config", configFile().toString(), "--wavs", wavs().toString(), "--train-list",
                trainList().toString(), "--valid-list", validList().toString(), "--out", out.toString(),
                "--discriminator-width", "8");
    }

    static void writeList(Path list, List<String> ids) throws IOException {
        Files.writeString(list, ids.stream().map(id -> id + "|some words\n").collect(Collectors.joining()));
    }

    static void writeWav(Path file, int samples, int rate) throws IOException {
        float[] tone = new float[samples];
        for (int i = 0; i < samples; i++) {
            tone[i] = (float) (0.3 * Math.sin(i * (0.05 + samples * 1e-4)) + 0.1 * Math.sin(i * 0.9));
        }
        try (WavWriter writer = WavWriter.create(file, rate, Encoding.PCM16)) {
            writer.write(tone, 0, samples);
            writer.commit();
        }
    }

    TrainingOptions options(Path out, long maxSteps) {
        TrainingOptions.Intervals intervals = new TrainingOptions.Intervals(1, 1000, 1, 1000);
        TrainingOptions.Data data = new TrainingOptions.Data(trainList(), validList(), wavs(), null);
        return new TrainingOptions(
                data, out, null, maxSteps, 1000, intervals, 100, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 2);
    }

    /** Trains in this process, and gives what was said. */
    List<String> train(TrainingOptions options) throws IOException {
        return train(config(), options);
    }

    static List<String> train(HifiGanConfig config, TrainingOptions options) throws IOException {
        try (Backend backend = new CpuBackend(2)) {
            return train(config, options, backend);
        }
    }

    static List<String> train(HifiGanConfig config, TrainingOptions options, Backend... backends) throws IOException {
        Lines lines = new Lines();
        new Trainer(config, options, List.of(backends), lines).train();
        return lines.said();
    }

    /** Never stops, and remembers what is said. */
    static class Lines implements Monitor {
        private final List<String> said = Collections.synchronizedList(new ArrayList<>());

        List<String> said() {
            return said;
        }

        @Override
        public void say(String line) {
            said.add(line);
        }

        @Override
        public void starts(long remaining) {}

        @Override
        public void stepped(double seconds) {}

        @Override
        public boolean stopRequested() {
            return false;
        }
    }
}

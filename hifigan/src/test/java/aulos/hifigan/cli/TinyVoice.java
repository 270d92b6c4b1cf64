// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.NdArray;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.io.OrderedDict;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A generator small enough for every test, with weights by formula, and something for it to say. */
public final class TinyVoice {
    public static final int RATE = 16_000;
    public static final int HOP = 64;
    public static final int MELS = 12;

    public static final String CONFIG = """
            {"resblock": "2", "upsample_rates": [8, 8], "upsample_kernel_sizes": [16, 16],
             "upsample_initial_channel": 16, "resblock_kernel_sizes": [3, 5],
             "resblock_dilation_sizes": [[1, 2], [2, 6]], "segment_size": 1024, "num_mels": 12, "n_fft": 256,
             "hop_size": 64, "win_size": 256, "sampling_rate": 16000, "fmin": 0, "fmax": 8000, "fmax_for_loss": null}
            """;

    private TinyVoice() {}

    /** Writes {@code g_00000001}, as the official training would, and {@code config.json} beside it. */
    public static Path write(Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), CONFIG);
        OrderedDict weights = new OrderedDict();
        Fill.generator(HifiGanConfig.parse(CONFIG, "tiny"), "tiny/", 0.6)
                .forEach((name, array) -> weights.put(name, NdArray.of(array.shape(), array.floats())));
        Path checkpoint = folder.resolve("g_00000001");
        PyTorchFile.write(checkpoint, Map.of("generator", weights));
        return checkpoint;
    }

    /** Makes a folder that gives a program with it on its class path this voice as the bundled one. */
    static Path bundle(Path resources, Path checkpoint) throws IOException {
        Path bundled = Files.createDirectories(resources.resolve("aulos/voices/" + Voice.BUNDLED_NAME));
        Voice.load(checkpoint).save(bundled.resolve("generator.safetensors"));
        Files.copy(checkpoint.resolveSibling("config.json"), bundled.resolve("config.json"));
        return resources;
    }

    /** Writes a rising tone. */
    public static Path tone(Path file, int rate, int samples) throws IOException {
        float[] tone = new float[samples];
        for (int i = 0; i < samples; i++) {
            double time = (double) i / rate;
            tone[i] = (float) (0.5 * Math.sin(2 * Math.PI * (200 + 300 * time) * time));
        }
        try (WavWriter writer = WavWriter.create(file, rate, Encoding.PCM16)) {
            writer.write(tone, 0, samples);
            writer.commit();
        }
        return file;
    }
}

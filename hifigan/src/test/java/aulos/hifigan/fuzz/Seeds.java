// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.fuzz;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.engine.io.Safetensors;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavOutput;
import aulos.hifigan.audio.flac.FuzzedFrame;
import aulos.hifigan.io.OrderedDict;
import aulos.hifigan.io.PyTorchFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Small good files. */
final class Seeds {
    private static final NdArray ARRAY = NdArray.of(Shape.of(2, 3), 0f, 1f, 2f, 3f, 4f, 5f);

    private Seeds() {}

    private interface Writer {
        void write(Path file) throws IOException;
    }

    private static byte[] written(Writer writer) throws IOException {
        Path file = Files.createTempFile("aulos", ".seed");
        try {
            writer.write(file);
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }

    static byte[] wav() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new WavOutput(out, 22_050, Encoding.FLOAT32, 3).write(new float[] {0, 0.5f, -1});
        return out.toByteArray();
    }

    static byte[] flac() {
        return FuzzedFrame.stream();
    }

    static byte[] flacFrame() {
        return FuzzedFrame.seed();
    }

    static byte[] npy() throws IOException {
        return written(file -> Npy.write(file, ARRAY));
    }

    static byte[] safetensors() throws IOException {
        return written(file -> Safetensors.write(file, Map.of("conv_pre.weight", ARRAY), Map.of("format", "pt")));
    }

    static byte[] torchZip() throws IOException {
        OrderedDict weights = new OrderedDict();
        weights.put("weight", ARRAY);
        return written(file -> PyTorchFile.write(file, Map.of("generator", weights, "steps", 1L)));
    }
}

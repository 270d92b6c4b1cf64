// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Damage;
import aulos.engine.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Good small files, damaged at random and cut short: a reader gives a value or a clean exception. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FuzzTest {
    @TempDir
    private Path folder;

    @Test
    void archives() throws IOException {
        Map<Object, Object> tree = new LinkedHashMap<>();
        OrderedDict weights = new OrderedDict();
        weights.put("bias", NdArray.of(Shape.of(2), 1f, 2f));
        weights.put("weight", NdArray.of(Shape.of(1, 2), 1, 2));
        tree.put("generator", weights);
        tree.put("steps", List.of(1L, 0.5, new PyTuple(true, "x")));
        Path file = folder.resolve("g");
        PyTorchFile.write(file, tree);
        fuzz(Files.readAllBytes(file), PyTorchFile::read);
    }

    /** The checksum of the archive would hide the unpickler from the damage, so here it is right. */
    @Test
    void picklesInArchives() throws IOException {
        byte[] data = PickleBytes.floats(0, 1, 2, 3, 4, 5);
        fuzz(FuzzedPickle.seed(), file -> PyTorchFile.read(
                PickleBytes.zip(folder.resolve("zip"), Files.readAllBytes(file), Map.of("data/0", data))));
    }

    @Test
    void legacyFiles() throws IOException {
        Path file = PickleBytes.legacy(folder.resolve("g"), FuzzedPickle.seed(), "0", 6,
                PickleBytes.floats(0, 1, 2, 3, 4, 5));
        fuzz(Files.readAllBytes(file), PyTorchFile::read);
    }

    @Test
    void safetensors() throws IOException {
        Path file = folder.resolve("x");
        Map<String, NdArray> tensors = Map.of(
                "conv_pre.bias", NdArray.of(Shape.of(2), 1f, 2f), "b.c", NdArray.of(Shape.SCALAR, 1.0));
        Safetensors.write(file, tensors, Map.of("format", "pt"));
        fuzz(Files.readAllBytes(file), StateDict::fromCheckpoint);
    }

    private void fuzz(byte[] good, Damage.FileReader reader) throws IOException {
        Damage.test(good, folder.resolve("fuzzed"), reader);
    }
}

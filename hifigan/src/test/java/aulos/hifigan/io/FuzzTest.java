// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Good small files, damaged at random and cut short: a reader gives a value or a clean exception. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FuzzTest {
    private static final int MUTATIONS = 1000;
    private static final int CUTS = 200;

    @TempDir
    private Path folder;

    private interface FileReader {
        Object read(Path file) throws IOException;
    }

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
        Safetensors.write(file, tensors,
                Map.of("format", "pt"));
        fuzz(Files.readAllBytes(file), StateDict::fromCheckpoint);
    }

    @Test
    void npy() throws IOException {
        Path file = folder.resolve("x");
        Npy.write(file, NdArray.of(Shape.of(2, 3), 0f, 1f, 2f, 3f, 4f, 5f));
        fuzz(Files.readAllBytes(file), Npy::read);
    }

    private void fuzz(byte[] good, FileReader reader) throws IOException {
        Path file = folder.resolve("fuzzed");
        Files.write(file, good);
        assertThat(reader.read(file)).isNotNull();
        for (int length = 0; length < good.length; length += 1 + good.length / CUTS) {
            read(reader, file, Arrays.copyOf(good, length), "cut to " + length);
        }
        for (int seed = 0; seed < MUTATIONS; seed++) {
            Random random = new Random(seed);
            byte[] damaged = good.clone();
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                int at = random.nextInt(damaged.length);
                int other = random.nextBoolean() ? random.nextInt(256) : damaged[at] ^ (1 << random.nextInt(8));
                damaged[at] = (byte) other;
            }
            read(reader, file, damaged, "seed " + seed);
        }
    }

    private static void read(FileReader reader, Path file, byte[] bytes, String what) throws IOException {
        // Written over the one before, it would be forced to disk by ext4: 2.4 ms, where a new file takes 0.2.
        Files.delete(file);
        Files.write(file, bytes);
        try {
            reader.read(file);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(file.getParent().toString()).hasMessageNotContaining("\n");
        } catch (RuntimeException | Error e) {
            fail("damaged file, " + what, e);
        }
    }
}

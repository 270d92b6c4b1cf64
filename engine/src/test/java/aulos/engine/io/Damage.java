// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** A good small file, damaged at random and cut short: its reader gives a value or a clean exception. */
public final class Damage {
    private static final int MUTATIONS = 1000;
    private static final int CUTS = 200;

    private Damage() {}

    /** What is tested. */
    @FunctionalInterface
    public interface FileReader {
        Object read(Path file) throws IOException;
    }

    /**
     * Fails if the reader throws anything but an IOException of one line that names the file's folder.
     *
     * @param file where the damaged files are written
     */
    public static void test(byte[] good, Path file, FileReader reader) throws IOException {
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

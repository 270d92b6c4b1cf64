// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What Jazzer calls: a reader gives a value, or an {@link IOException} of one line that names the file. Anything else is a
 * finding.
 */
public final class FuzzTarget {
    /** Stands for all readers in turn: the first byte says which. */
    public static final String ALL = "ALL";

    /** In memory where there is such a folder. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static FuzzedReader reader;
    private static Path file;

    private FuzzTarget() {}

    /** Jazzer's entry. @param args the reader's name, or {@link #ALL} */
    public static void fuzzerInitialize(String[] args) throws IOException {
        reader = args[0].equals(ALL) ? null : FuzzedReader.valueOf(args[0]);
        Path folder = Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "aulos-fuzz")
                : Files.createTempDirectory("aulos-fuzz");
        file = folder.resolve("x");
    }

    /** Jazzer's entry, once for each input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (reader != null) {
            read(reader, data);
        } else if (data.length > 0) {
            int index = (data[0] & 0xff) % FuzzedReader.PLANTED.ordinal();
            read(FuzzedReader.values()[index], Arrays.copyOfRange(data, 1, data.length));
        }
    }

    /** Jazzer's entry. */
    public static void fuzzerTearDown() throws IOException {
        Files.deleteIfExists(file);
        Files.delete(file.getParent());
    }

    private static void read(FuzzedReader chosen, byte[] data) throws IOException {
        // A file that takes another's place is forced to disk by ext4: 2.4 ms, where a new one takes 0.2.
        Files.deleteIfExists(file);
        Files.write(file, data);
        try {
            chosen.read(file);
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.contains(file.toString()) || message.lines().count() != 1) {
                throw new AssertionError("not one line that names the file: " + message, e);
            }
        }
    }
}

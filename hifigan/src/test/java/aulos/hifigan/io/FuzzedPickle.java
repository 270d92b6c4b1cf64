// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** {@link Unpickler} for fuzzing. */
public final class FuzzedPickle {
    private static final byte[] DATA = PickleBytes.floats(0, 1, 2, 3, 4, 5);

    private FuzzedPickle() {}

    /** Reads a pickle as the main part of an archive, beside which is storage 0. */
    public static Object read(Path pickle) throws IOException {
        byte[] bytes = Files.readAllBytes(pickle);
        Files.delete(pickle);
        return PyTorchFile.read(PickleBytes.zip(pickle, bytes, Map.of("data/0", DATA)));
    }

    /** A dict of a tensor, numbers, tuples and a list. */
    public static byte[] seed() {
        return PickleBytes.protocol2().op('}', 'q', 0, '(').text("bias")
                .tensor("FloatStorage", "0", 6, 1, new int[] {2, 2}, new int[] {2, 1}).text("steps")
                .op(0x8a, 2, 1, 0, 'G', 1, 2, 3, 4, 5, 6, 7, 8, 'q', 1, 'K', 1, 0x87, 'N', 'h', 1, 0x86, 0x86)
                .text("list").op(']', 'r', 9, 0, 0, 0, '(', 'M', 0, 1, 'N', '0', 'e', 'u').stop();
    }

    /** A file of the older kind. */
    public static byte[] legacySeed() throws IOException {
        Path file = Files.createTempFile("aulos", ".seed");
        try {
            return Files.readAllBytes(PickleBytes.legacy(file, seed(), "0", 6, DATA));
        } finally {
            Files.delete(file);
        }
    }
}

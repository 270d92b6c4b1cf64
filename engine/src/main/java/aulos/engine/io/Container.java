// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** How a file holds arrays, told by its first bytes. */
public enum Container {
    /** PyTorch since 1.6. */
    ZIP,
    /** PyTorch before 1.6. */
    LEGACY,
    SAFETENSORS,
    NPY,
    /** NumPy's archive of arrays. */
    NPZ,
    /** None of these. */
    UNKNOWN;

    private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};
    /** The pickle of 0x1950a86a20f9469cfc6c. */
    private static final byte[] LEGACY_MAGIC = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46,
        (byte) 0xf9, 0x20, 0x6a, (byte) 0xa8, 0x50, 0x19, '.'};
    private static final int LOCAL_HEADER = 30;
    private static final int NAME_LENGTH = 26;
    private static final int LONGEST_NAME = 256;

    /**
     * Looks at a file's first bytes.
     *
     * @throws IOException if the file cannot be read
     */
    public static Container of(Path path) throws IOException {
        return InputFile.read(path, Container::of);
    }

    /** As {@link #of(Path)}. */
    public static Container of(InputFile file) throws IOException {
        if (startsWith(file, ZIP_MAGIC)) {
            return firstEntry(file).endsWith(".npy") ? NPZ : ZIP;
        }
        if (startsWith(file, LEGACY_MAGIC)) {
            return LEGACY;
        }
        if (Npy.matches(file)) {
            return NPY;
        }
        return SafetensorsHeader.matches(file) ? SAFETENSORS : UNKNOWN;
    }

    private static boolean startsWith(InputFile file, byte[] magic) throws IOException {
        return Arrays.equals(file.head(magic.length), magic);
    }

    /** The name in a zip archive's first local header. */
    private static String firstEntry(InputFile file) throws IOException {
        byte[] head = file.head(LOCAL_HEADER + LONGEST_NAME);
        if (head.length < LOCAL_HEADER) {
            return "";
        }
        int length = head[NAME_LENGTH] & 0xFF | (head[NAME_LENGTH + 1] & 0xFF) << 8;
        return new String(head, LOCAL_HEADER, Math.min(length, head.length - LOCAL_HEADER), StandardCharsets.UTF_8);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

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

    static Container of(InputFile file) throws IOException {
        if (ZipContainer.matches(file)) {
            return firstEntry(file).endsWith(".npy") ? NPZ : ZIP;
        }
        if (LegacyContainer.matches(file)) {
            return LEGACY;
        }
        if (Npy.matches(file)) {
            return NPY;
        }
        return SafetensorsHeader.matches(file) ? SAFETENSORS : UNKNOWN;
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

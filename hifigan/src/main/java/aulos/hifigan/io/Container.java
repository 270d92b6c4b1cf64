// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.IOException;
import java.nio.file.Path;

/** How a file holds arrays, told by its first bytes. */
public enum Container {
    /** PyTorch since 1.6. */
    ZIP,
    /** PyTorch before 1.6. */
    LEGACY,
    SAFETENSORS,
    NPY,
    /** None of these. */
    UNKNOWN;

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
            return ZIP;
        }
        if (LegacyContainer.matches(file)) {
            return LEGACY;
        }
        if (Npy.matches(file)) {
            return NPY;
        }
        return SafetensorsHeader.matches(file) ? SAFETENSORS : UNKNOWN;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The golden files beside the project, which are not part of it. */
final class Golden {
    private static final Path FOLDER = Path.of("..", "..", "shared", "golden");

    private Golden() {
    }

    /** A golden file; where there is none, the test is skipped and says so. */
    static Path file(String name) {
        Path file = FOLDER.resolve(name);
        boolean there = Files.exists(file);
        if (!there) {
            System.err.println("SKIPPED: no golden file ../shared/golden/" + name);
        }
        assumeTrue(there);
        return file;
    }
}

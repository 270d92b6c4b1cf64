// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DamagedFilesTest {
    @TempDir
    private Path folder;

    @Test
    void safetensors() throws IOException {
        Path file = folder.resolve("x");
        Safetensors.write(file, Map.of("a \"b\"", NdArray.of(Shape.of(2), 1f, 2f), "c", NdArray.of(Shape.SCALAR, 1.0)),
                Map.of("format", "pt"));
        Damage.test(Files.readAllBytes(file), folder.resolve("damaged"), Safetensors::read);
    }

    @Test
    void npy() throws IOException {
        Path file = folder.resolve("x");
        Npy.write(file, NdArray.of(Shape.of(2, 3), 0f, 1f, 2f, 3f, 4f, 5f));
        Damage.test(Files.readAllBytes(file), folder.resolve("damaged"), Npy::read);
    }
}

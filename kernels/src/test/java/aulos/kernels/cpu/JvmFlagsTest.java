// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Vector loops whose package {@code jvm.flags} does not name cost every start half a second, and nothing else shows it. */
class JvmFlagsTest {
    private static final Path LOOPS = Path.of("src/main/java/aulos/kernels/cpu/loop");
    private static final Pattern PATTERN = Pattern.compile(
            "(?m)^-XX:CompileCommand=CompileThresholdScaling,aulos\\.kernels\\.cpu\\.loop\\.(\\w+)\\.\\*::\\*,");

    @Test
    void theLauncherNamesEveryPackageOfVectorLoops() throws IOException {
        String flags = Files.readString(Path.of("..", "jvm.flags"));
        List<String> named = PATTERN.matcher(flags).results().map(match -> match.group(1)).toList();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            assertThat(sources.filter(file -> file.getFileName().toString().endsWith("Vector.java")))
                    .isNotEmpty().allSatisfy(file -> {
                        assertThat(file.getParent().getParent()).isEqualTo(LOOPS);
                        assertThat(file.getParent().getFileName().toString()).isIn(named);
                    });
        }
        assertThat(Files.readString(Path.of("..", "short.directives"))).contains("\"aulos/kernels/cpu/loop/hot/*.*\"");
    }

    @Test
    void loopsCanBeWarmedUp() {
        CpuBackend.warmUp();
        // A second call finds nothing left to do.
        CpuBackend.warmUp();
    }
}

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

/** A class of vector loops that {@code jvm.flags} does not name costs every start half a second, and nothing else shows it. */
class JvmFlagsTest {
    @Test
    void theLauncherNamesEveryClassOfVectorLoops() throws IOException {
        String flags = Files.readString(Path.of("..", "jvm.flags"));
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/aulos/kernels/cpu"))) {
            List<String> classes = sources.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Vector.java")).map(name -> name.replace(".java", "")).toList();
            assertThat(classes).isNotEmpty().allSatisfy(name -> assertThat(flags).containsPattern(
                    "(?m)^-XX:CompileCommand=(CompileThresholdScaling|inline),"
                            + Pattern.quote("aulos.kernels.cpu." + name + "::")));
        }
    }

    @Test
    void loopsCanBeWarmedUp() {
        CpuBackend.warmUp();
        // A second call finds nothing left to do.
        CpuBackend.warmUp();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.cpu.run.Simd;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Vector loops whose package {@code jvm.flags} does not name cost every start half a second, and nothing else shows it. */
class JvmFlagsTest {
    private static final Path LOOPS = Path.of("target/classes/aulos/kernels/cpu/loop");
    private static final Pattern PATTERN = Pattern.compile(
            "(?m)^-XX:CompileCommand=CompileThresholdScaling,aulos\\.kernels\\.cpu\\.loop\\.(\\w+)\\.\\*::\\*,");

    private static final Pattern INLINE = Pattern.compile("(?m)^-XX:CompileCommand=inline,(.*)$");

    @Test
    void theLauncherNamesEveryPackageOfVectorLoops() throws IOException {
        String flags = Files.readString(Path.of("..", "jvm.flags"));
        List<String> named = PATTERN.matcher(flags).results().map(match -> match.group(1)).toList();
        try (Stream<Path> classes = Files.walk(Path.of("target/classes"))) {
            assertThat(classes.filter(file -> file.getFileName().toString().endsWith("Vector.class")))
                    .hasSizeGreaterThan(10).allSatisfy(file -> {
                        assertThat(file.getParent().getParent()).isEqualTo(LOOPS);
                        assertThat(file.getParent().getFileName().toString()).isIn(named);
                    });
        }
        assertThat(Files.readString(Path.of("..", "short.directives"))).contains("\"aulos/kernels/cpu/loop/hot/*.*\"");
    }

    /** No caller takes in what is in that package: a vector that passes from one method to another is an object. */
    @Test
    @Tag("vector")
    void noVectorPassesBetweenMethodsThatAreNotInlined() throws IOException, ClassNotFoundException {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        List<String> names;
        try (Stream<Path> classes = Files.list(LOOPS.resolve("hot"))) {
            names = classes.map(file -> file.getFileName().toString().replace(".class", ""))
                    .filter(name -> name.endsWith("Vector")).toList();
        }
        assertThat(names).hasSizeGreaterThan(3);
        for (String name : names) {
            for (Method method : Class.forName("aulos.kernels.cpu.loop.hot." + name).getDeclaredMethods()) {
                assertThat(method.toString()).doesNotContain("jdk.incubator.vector");
            }
        }
    }

    /**
     * A loop that is compiled after three calls knows too little of how often it calls what: the compiler left such a call as
     * it was ("low call site frequency"), and each vector became an object, in every second process.
     */
    @Test
    @Tag("vector")
    void methodsThatTakeOrGiveVectorsAreAlwaysInlined() throws IOException, ClassNotFoundException {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        List<String> inlined = INLINE.matcher(Files.readString(Path.of("..", "jvm.flags"))).results()
                .map(match -> match.group(1)).toList();
        List<String> passing = new ArrayList<>();
        for (String name : classes()) {
            for (Method method : Class.forName(name).getDeclaredMethods()) {
                if (method.toString().contains("jdk.incubator.vector") && !method.isSynthetic()) {
                    passing.add(name + "::" + method.getName());
                }
            }
        }
        assertThat(passing).contains("aulos.kernels.cpu.run.Lanes::load").allSatisfy(method ->
                assertThat(List.of(method, method.replaceFirst("::.*", "::*"))).containsAnyElementsOf(inlined));
    }

    private static List<String> classes() throws IOException {
        Path root = Path.of("target/classes");
        try (Stream<Path> classes = Files.walk(root.resolve("aulos/kernels/cpu"))) {
            return classes.map(file -> root.relativize(file).toString()).filter(name -> name.endsWith(".class"))
                    .map(name -> name.replace(".class", "").replace('/', '.'))
                    .filter(name -> !name.endsWith("package-info")).toList();
        }
    }

    @Test
    void loopsCanBeWarmedUp() {
        CpuBackend.warmUp();
        // A second call finds nothing left to do.
        CpuBackend.warmUp();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The choice of vector width, in a JVM of its own for each. */
class SimdTest {
    private static final String MODULE = "jdk.incubator.vector";

    /** What the child processes run. */
    static final class Describe {
        private Describe() {}

        public static void main(String[] args) {
            try (CpuBackend backend = new CpuBackend(2)) {
                System.out.println(backend.description());
            } catch (IllegalArgumentException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    @Test
    void obeysTheProperty() throws Exception {
        assertThat(describe("--add-modules", MODULE, "-Daulos.cpu.vector=128"))
                .contains("cpu: 128-bit vectors, 2 threads");
    }

    @Test
    void scalarLoadsNoClassThatNeedsTheModule() throws Exception {
        List<String> lines = describe("--add-modules", MODULE, "-Daulos.cpu.vector=scalar", "-Xlog:class+load");
        assertThat(lines).contains("cpu: plain loops, 2 threads")
                .noneMatch(line -> line.contains(MODULE + ".") || line.contains("aulos.kernels.cpu.run.Lanes"));
    }

    @Test
    void withoutTheModuleItWarnsInOneLine() throws Exception {
        assertThat(describe()).hasSize(2).contains("cpu: plain loops, 2 threads")
                .anyMatch(line -> line.startsWith("aulos: warning: ") && line.contains("--add-modules " + MODULE));
    }

    /** As the manifest of aulos.jar does. */
    @Test
    void loadsTheModuleWhereItMay() throws Exception {
        assertThat(describe("--add-exports", "java.base/jdk.internal.module=ALL-UNNAMED", "-Daulos.cpu.vector=128"))
                .containsExactly("cpu: 128-bit vectors, 2 threads");
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        assertThat(describe("-Daulos.cpu.vector=1024")).containsExactly(
                "system property aulos.cpu.vector is '1024', expected preferred, 64, 128, 256, 512 or scalar");
    }

    @Test
    void refusesVectorsThatTheMachineHasNot() throws Exception {
        assertThat(describe("--add-modules", MODULE, "-XX:MaxVectorSize=16", "-Daulos.cpu.vector=256"))
                .contains("system property aulos.cpu.vector asks for 256-bit vectors, this JVM has 128");
    }

    private static List<String> describe(String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Describe.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<String> lines = said.lines().toList();
        assertThat(process.waitFor()).as("exit code of a JVM that said %s", lines).isZero();
        return lines;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.opentest4j.TestAbortedException;

/**
 * Other drivers than the first, each in a process of its own that sees no other: Mesa's rusticl, which is what GPUs of AMD
 * and Intel use on Linux, here on the processor; and Oclgrind, which looks for accesses out of bounds, races and wrong
 * calls. A driver that is not installed is a skip with one loud line, and a failure where the variable CI is set. Both wait
 * for their processes most of the time, so they run at once.
 */
class OtherPlatformsTest {
    private static final Path RUSTICL = Path.of("/etc/OpenCL/vendors/rusticl.icd");
    private static final List<Path> OCLGRIND = List.of(Path.of("/usr/lib/oclgrind/liboclgrind-rt-icd.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/oclgrind/liboclgrind-rt-icd.so"));

    /** Of the tiles for GPUs: all where CI is set. */
    private static final String TILES = System.getenv("CI") == null ? "3" : "1000";

    @TempDir
    private Path folder;

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void rusticlComputesEveryOpCase() throws IOException, InterruptedException {
        require(Files.exists(RUSTICL), "mesa-opencl-icd");
        Files.copy(RUSTICL, folder.resolve("rusticl.icd"));
        String said = run(Map.of("OCL_ICD_VENDORS", folder.toString(), "RUSTICL_ENABLE", "llvmpipe"), "all",
                System.getenv("CI") == null ? "0" : TILES);
        assertThat(said).contains("rusticl").doesNotContain(" is wrong on ").endsWith("right");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void oclgrindFindsNothing() throws IOException, InterruptedException {
        Path library = OCLGRIND.stream().filter(Files::exists).findFirst().orElse(null);
        require(library != null, "oclgrind");
        Files.writeString(folder.resolve("oclgrind.icd"), library + "\n");
        Path log = folder.resolve("log");
        String said = run(Map.of("OCL_ICD_VENDORS", folder.toString(), "OCLGRIND_DATA_RACES", "1", "OCLGRIND_CHECK_API", "1",
                "OCLGRIND_LOCAL_MEM_SIZE", "65536", "OCLGRIND_LOG", log.toString()), "few", TILES);
        assertThat(said).contains("Oclgrind").doesNotContain(" is wrong on ").endsWith("right");
        assertThat(Files.exists(log) ? Files.readString(log) : "").as("what Oclgrind found").isEmpty();
    }

    private static void require(boolean installed, String packageName) {
        if (!installed) {
            String problem = "there is no " + packageName + " on this machine";
            if (System.getenv("CI") != null) {
                throw new AssertionError("tests on another OpenCL driver cannot run: " + problem);
            }
            System.err.println("### SKIPPED, TESTS ON ANOTHER OPENCL DRIVER: " + problem);
            throw new TestAbortedException(problem);
        }
    }

    private String run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                "-Daulos.opencl.cache=" + folder.resolve("programs"), "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                OtherPlatform.class.getName(), arguments[0], arguments[1]).toList()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }
}

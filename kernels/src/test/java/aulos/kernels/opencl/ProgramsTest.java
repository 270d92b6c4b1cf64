// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jocl.cl_mem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiled programs on disk. */
class ProgramsTest {
    @TempDir
    private Path folder;

    @AfterEach
    void heal() {
        System.clearProperty(Fault.PROPERTY);
    }

    /** Runs the probe on a fresh queue. */
    private void probe(Path programs) {
        try (Queue queue = Devices.queue(programs)) {
            cl_mem memory = queue.allocate(4);
            queue.launch("probe", "probe", 1, memory);
            float[] value = new float[1];
            queue.read(memory, value);
            assertThat(value).containsExactly(42);
            queue.release(memory);
        }
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    @Test
    void aSecondStartDoesNotCompile() throws IOException {
        probe(folder);
        assertThat(onlyFile()).isNotEmptyFile();
        System.setProperty(Fault.PROPERTY, "clCreateProgramWithSource:1:-6");
        probe(folder);
    }

    static List<byte[]> damage() {
        return List.of(new byte[0], new byte[31], new byte[32], new byte[5000], "x".repeat(100).getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("damage")
    void aFileOfAnotherKindIsReplaced(byte[] content) throws IOException {
        probe(folder);
        Path file = onlyFile();
        byte[] good = Files.readAllBytes(file);
        Files.write(file, content);
        probe(folder);
        assertThat(onlyFile()).hasSize(good.length);
    }

    @Test
    void aDamagedFileIsReplaced() throws IOException {
        probe(folder);
        Path file = onlyFile();
        byte[] good = Files.readAllBytes(file);
        for (int at : new int[] {0, 40, good.length - 1}) {
            byte[] flipped = good.clone();
            flipped[at] ^= 1;
            Files.write(file, flipped);
            probe(folder);
            assertThat(Files.readAllBytes(file)).isNotEqualTo(flipped);
        }
        Files.write(file, Arrays.copyOf(good, good.length - 1));
        probe(folder);
        assertThat(onlyFile()).hasSize(good.length);
    }

    @Test
    void whatTheDriverRefusesIsCompiledAnew() {
        probe(folder);
        System.setProperty(Fault.PROPERTY, "clCreateProgramWithBinary:1-1:-42");
        probe(folder);
        System.setProperty(Fault.PROPERTY, "clBuildProgram:1-1:-11");
        probe(folder);
    }

    @Test
    void aFolderThatCannotBeOneCostsNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        probe(file.resolve("below"));
    }

    /** With the defaults of all that can be set: it builds, and then lacks a kernel of this name. */
    @Test
    void everyFileCompilesAlone() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/aulos/kernels/opencl"));
                Queue queue = Devices.queue(folder)) {
            List<String> names = files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".cl"))
                    .map(name -> name.substring(0, name.length() - ".cl".length())).toList();
            assertThat(names).contains("pointwise", "conv");
            for (String name : names) {
                assertThatThrownBy(() -> queue.launch(name, "none", 1)).isInstanceOf(OpenClException.class)
                        .hasMessage("opencl: clCreateKernel(none, " + name + ".cl) failed with CL_INVALID_KERNEL_NAME (-46)");
            }
        }
    }

    @Test
    void everythingThatMattersIsInTheKey() {
        String key = ProgramFiles.key("source", "options", "device", "driver");
        assertThat(key).matches("[0-9a-f]{64}").isEqualTo(ProgramFiles.key("source", "options", "device", "driver"));
        assertThat(key).isNotEqualTo(ProgramFiles.key("source", "options", "device", "driver 2"))
                .isNotEqualTo(ProgramFiles.key("sourc", "eoptions", "device", "driver"));
    }
}

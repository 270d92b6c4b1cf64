// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.BackendProvider;
import aulos.engine.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which devices there are, and what is said where there are none. */
class DriverTest {
    @TempDir
    private Path folder;

    @AfterEach
    void heal() {
        System.clearProperty(Fault.PROPERTY);
    }

    @Test
    void listsWhatTheDriverSays() {
        DeviceInfo device = Devices.info();
        String line = new OpenClProvider().devices().getFirst();
        assertThat(line).contains(device.name(), "(" + device.platform() + ")", " GiB, ",
                device.computeUnits() + " compute units", "driver " + device.driver());
        assertThat(device.memory()).isGreaterThan(1 << 20);
        assertThat(device.maxAllocation()).isBetween(1L << 20, device.memory());
        assertThat(device.localMemory()).isGreaterThanOrEqualTo(32 << 10);
        assertThat(device.maxGroupSize()).isPositive();
    }

    /** It would be slower than the cpu backend, which is the same processor. */
    @Test
    void theProcessorIsNotChosenByItself() {
        boolean isCpu = Devices.info().isCpu();
        List<String> order = Backends.providers().stream().map(BackendProvider::name).toList();
        assertThat(order.indexOf("opencl") > order.indexOf("cpu")).isEqualTo(isCpu);
        try (var backend = Backends.open("auto")) {
            assertThat(backend.name()).isEqualTo(isCpu ? "cpu" : "opencl");
        }
    }

    @Test
    void anIndexOutOfRangeIsRefused() {
        Devices.info();
        int count = new OpenClProvider().devices().size();
        assertThatThrownBy(() -> Backends.open("opencl:" + count)).isInstanceOf(IllegalStateException.class)
                .hasMessage("device opencl:" + count + ": opencl has " + count
                        + (count == 1 ? " device" : " devices") + ", numbered from 0");
        assertThatThrownBy(() -> Backends.open("opencl:0,0")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("device opencl:0,0 names several, expected one: only training shares its work among devices");
    }

    @Test
    void aDriverWithoutDevices() {
        Devices.info();
        System.setProperty(Fault.PROPERTY, "clGetDeviceIDs:1:-1");
        assertThatThrownBy(() -> Backends.open("opencl")).isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("opencl: no device, only a driver without one: ");
        assertThat(new OpenClProvider().preference()).isNegative();
    }

    /** The first platform answers, then all others fail: its devices are still there. */
    @Test
    void aPlatformThatFailsTakesNoOtherAway() {
        DeviceInfo first = Devices.info();
        System.setProperty(Fault.PROPERTY, "clGetPlatformInfo:3:-30");
        assertThat(DeviceInfo.all()).extracting(DeviceInfo::platform).containsOnly(first.platform());
        System.setProperty(Fault.PROPERTY, "clGetPlatformInfo:1-1:-30");
        assertThat(platformsLeft()).doesNotContain(first.platform());
    }

    private static List<String> platformsLeft() {
        try {
            return DeviceInfo.all().stream().map(DeviceInfo::platform).toList();
        } catch (IllegalStateException none) {
            assertThat(none).hasMessageContaining("opencl: no device, only a driver without one: a platform without a name"
                    + " (opencl: clGetPlatformInfo(CL_PLATFORM_NAME) failed with CL_INVALID_VALUE (-30))");
            return List.of();
        }
    }

    @Test
    void aLoaderWithoutDrivers() throws IOException, InterruptedException {
        Devices.info();
        assertThat(elsewhere("OCL_ICD_VENDORS", folder.toString())).startsWith(
                "opencl: the OpenCL loader is installed but knows no driver");
    }

    /** The linker takes the first file of that name, and stops when it is none. */
    @Test
    void noLoader() throws IOException, InterruptedException {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "where libraries are found by a path");
        for (String name : List.of("libOpenCL.so", "libOpenCL.so.1")) {
            Files.writeString(folder.resolve(name), "not a library");
        }
        assertThat(elsewhere("LD_LIBRARY_PATH", folder.toString())).isEqualTo("opencl: there is no OpenCL driver: libOpenCL"
                + " is not installed (Debian: ocl-icd-libopencl1, and the driver of your device or pocl-opencl-icd)");
    }

    /** Leaves nothing of JOCL's in the folder for temporary files, where others could put theirs. */
    @Test
    void unpacksItsLibraryWhereNobodyElseCanWrite() throws IOException, InterruptedException {
        Devices.info();
        assertThat(elsewhere("X", "", "-Djava.io.tmpdir=" + folder)).contains(" compute units");
        try (var left = Files.list(folder)) {
            assertThat(left.filter(file -> !file.getFileName().toString().startsWith("_cl_"))).isEmpty();
        }
    }

    /** The first device's line or what is wrong, in a process with another environment. */
    private static String elsewhere(String variable, String value, String... flags)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                FirstDevice.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(variable, value);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said.strip();
    }

    /** A program that prints the first device, or why there is none. */
    static final class FirstDevice {
        public static void main(String[] args) {
            try {
                System.out.println(new OpenClProvider().devices().getFirst());
            } catch (IllegalStateException absent) {
                System.out.println(absent.getMessage());
            }
        }
    }
}

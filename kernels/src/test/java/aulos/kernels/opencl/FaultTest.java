// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import java.nio.file.Path;
import org.jocl.cl_mem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said when OpenCL refuses something. */
class FaultTest {
    @TempDir
    private Path folder;

    @AfterEach
    void heal() {
        System.clearProperty(Fault.PROPERTY);
    }

    private static void plan(String fault) {
        System.setProperty(Fault.PROPERTY, fault);
    }

    @Test
    void aSourceThatDoesNotBuildIsShownWithTheCompilersWords() {
        try (Queue queue = Devices.queue(folder)) {
            assertThatThrownBy(() -> queue.launch("broken", "-DX=1", "broken", new long[] {1}, new long[] {1}))
                    .isInstanceOf(OpenClException.class)
                    .hasMessageStartingWith("opencl: broken.cl does not build for " + queue.device().name()
                            + " with options '-cl-std=CL1.2 -DX=1': opencl: clBuildProgram(-cl-std=CL1.2 -DX=1) failed"
                            + " with CL_BUILD_PROGRAM_FAILURE (-11)")
                    .hasMessageContaining("missing_name");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void aCallNamesItsCodeAndArguments() {
        try (Queue queue = Devices.queue(folder)) {
            plan("clEnqueueNDRangeKernel:2:-2");
            cl_mem memory = queue.allocate(64);
            queue.launch("probe", "probe", 1, memory);
            assertThatThrownBy(() -> queue.launch("probe", "probe", 100, memory)).isInstanceOf(OpenClException.class)
                    .hasMessage("opencl: clEnqueueNDRangeKernel(probe.cl, probe, [128], [64]) failed with"
                            + " CL_DEVICE_NOT_AVAILABLE (-2): the device is gone, or taken by another program");
            queue.release(memory);
        }
    }

    @Test
    void fullMemoryIsPurgedThenExplained() {
        try (OpenClBackend backend = Devices.open()) {
            Backend.Buffer live = backend.allocate(1000);
            backend.free(backend.allocate(5000));
            assertThat(backend.pooledBytes()).isPositive();
            plan("clCreateBuffer:1-1:-4");
            Backend.Buffer second = backend.allocate(100_000);
            assertThat(backend.pooledBytes()).as("purged").isZero();
            DeviceInfo device = DeviceInfo.all().getFirst();
            plan("clCreateBuffer:1-9:-4");
            assertThatThrownBy(() -> backend.allocate(10 << 20)).isInstanceOf(OpenClException.class)
                    .hasMessage("opencl: no room for a buffer of 10485760 floats (40 MiB) beside 1 MiB in live buffers; "
                            + device.name() + " has " + Math.ceilDiv(device.memory(), 1 << 20) + " MiB, at most "
                            + Math.ceilDiv(device.maxAllocation(), 1 << 20) + " MiB in one buffer (opencl: clCreateBuffer(41943040"
                            + " bytes) failed with CL_MEM_OBJECT_ALLOCATION_FAILURE (-4))");
            backend.free(live);
            backend.free(second);
        }
    }

    @Test
    void aLostDeviceClosesWithoutHangingAndSaysSo() {
        OpenClBackend backend = Devices.open();
        backend.allocate(10);
        plan("clFinish:1:-36");
        assertThatThrownBy(backend::sync).isInstanceOf(OpenClException.class)
                .hasMessageContaining("CL_INVALID_COMMAND_QUEUE (-36)");
        plan("clReleaseCommandQueue:1:-5");
        assertThatThrownBy(backend::close).isInstanceOf(OpenClException.class).hasMessageContaining(
                "CL_OUT_OF_RESOURCES (-5): the device ran out of memory or stopped working");
    }

    @Test
    void aPlanThatIsNoneIsRefused() {
        plan("clFinish:often");
        assertThatThrownBy(() -> Fault.next("clFinish")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clFinish:often', expected a call, its number and a code");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.kernels.KernelCase;
import aulos.kernels.KernelContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Fourier transforms as a device without float64 computes them. */
class PairsTest extends KernelContract {
    private static OpenClBackend backend;

    static List<KernelCase> cases() {
        return KernelCase.all().stream()
                .filter(test -> test.kernel() instanceof Kernel.RealDft || test.kernel() instanceof Kernel.RealDftAdjoint)
                .toList();
    }

    @BeforeAll
    static void open() {
        DeviceInfo device = Devices.info();
        backend = new OpenClBackend(0, Devices.with(device, "", device.memory()));
    }

    @Override
    protected List<OpenClBackend> backends() {
        return List.of(backend);
    }

    @Override
    protected int liveBuffers(Backend tested) {
        return ((OpenClBackend) tested).liveBuffers();
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }
}

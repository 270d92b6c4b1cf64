// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.kernels.KernelContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class OpenClKernelTest extends KernelContract {
    private static OpenClBackend backend;

    @BeforeAll
    static void open() {
        backend = Devices.open();
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

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.kernels.OpCasesContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class OpenClOpCasesTest extends OpCasesContract {
    private static OpenClBackend backend;

    @BeforeAll
    static void open() {
        backend = Devices.open();
    }

    @Override
    protected Backend backend() {
        return backend;
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            assertThat(backend.liveBuffers()).isZero();
            backend.close();
        }
    }
}

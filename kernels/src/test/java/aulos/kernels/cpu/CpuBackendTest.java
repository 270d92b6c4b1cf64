// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.kernels.KernelContract;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On one, two and three threads. */
@Tag("cpu")
class CpuBackendTest extends KernelContract {
    private static final List<CpuBackend> BACKENDS = List.of(new CpuBackend(1), new CpuBackend(2), new CpuBackend(3));

    @Override
    protected List<CpuBackend> backends() {
        return BACKENDS;
    }

    @Override
    protected int liveBuffers(Backend backend) {
        return ((CpuBackend) backend).liveBuffers();
    }

    @AfterAll
    static void close() {
        BACKENDS.forEach(CpuBackend::close);
    }

    @Test
    void refusesToWorkWithoutThreads() {
        assertThatThrownBy(() -> new CpuBackend(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cpu backend with 0 threads, expected at least 1");
    }
}

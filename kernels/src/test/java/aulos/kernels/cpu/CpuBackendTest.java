// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
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

    @Test
    void exactMeansNoFurtherReachThanTheFormula() {
        ConvSpec spec = ConvSpec.same(7, 3);
        Shape weight = Shape.of(32, 32, 7);
        try (CpuBackend exact = new CpuBackend(1, true); CpuBackend fast = new CpuBackend(1)) {
            assertThat(exact.description()).isEqualTo(fast.description() + ", exact");
            assertThat(exact.reach(spec, weight)).isEqualTo(new Backend.Reach(9, 9, 1));
            assertThat(fast.reach(spec, weight)).isEqualTo(new Backend.Reach(9 + 21, 42 - 9, 8));
            assertThat(fast.reach(spec, Shape.of(32, 8, 7))).isEqualTo(new Backend.Reach(9, 9, 1));
        }
    }
}

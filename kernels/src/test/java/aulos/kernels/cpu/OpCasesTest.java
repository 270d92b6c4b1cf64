// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.kernels.OpCasesContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

@Tag("cpu")
class OpCasesTest extends OpCasesContract {
    private static final CpuBackend CPU = new CpuBackend(3);

    @Override
    protected Backend backend() {
        return CPU;
    }

    @AfterAll
    static void close() {
        assertThat(CPU.liveBuffers()).isZero();
        CPU.close();
    }
}

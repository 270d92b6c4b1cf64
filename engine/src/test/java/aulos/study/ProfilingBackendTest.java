// SPDX-License-Identifier: Apache-2.0
package aulos.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.study.ProfilingBackend;
import org.junit.jupiter.api.Test;

class ProfilingBackendTest {
    @Test
    void countsKernelsAndMemory() {
        try (ProfilingBackend backend = new ProfilingBackend(new ReferenceBackend())) {
            try (Scope scope = Scope.open()) {
                Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
                Tensor sum = Tape.labelled("part \"a\"\n", () -> x.exp().add(x).sum());
                assertThat(sum.item()).isCloseTo(Math.exp(1) + Math.exp(2) + Math.exp(3) + 6, within(1e-12));
            }
            assertThat(backend.liveBytes()).isZero();
            assertThat(backend.peakBytes()).isEqualTo(8 * (3 + 3 + 3 + 1));
            assertThat(backend.table().lines()).hasSize(5).first().asString().startsWith("kernel");
            assertThat(backend.table()).contains("Pointwise EXP", "Pointwise ADD", "Sum").contains("all");
            assertThat(backend.trace()).startsWith("[").endsWith("]\n").contains(
                    "\"name\":\"Sum\"", "\"label\":\"part \\\"a\\\"\\u000a\"", "\"shape\":\"[3]\"");
        }
    }
}

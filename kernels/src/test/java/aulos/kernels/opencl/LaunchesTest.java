// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is started again is not set up again, and is still right. */
class LaunchesTest {
    @Test
    void aPassOfFixedShapeIsReplayedFromTheThirdTimeOn() {
        try (OpenClBackend backend = Devices.open()) {
            List<Long> set = new ArrayList<>();
            for (int pass = 0; pass < 5; pass++) {
                long before = backend.argumentsSet();
                try (Scope scope = Scope.open()) {
                    Tensor x = Tensor.of(backend, NdArray.of(Shape.of(3), 1, 2, pass));
                    Tensor a = x.add(x);
                    Tensor b = a.mul(x).add(a);
                    assertThat(b.sum().item()).isEqualTo(2 + 2 + 8 + 4 + 2 * pass * pass + 2 * pass);
                }
                set.add(backend.argumentsSet() - before);
            }
            assertThat(set.getFirst()).isPositive();
            assertThat(set.subList(2, 5)).containsOnly(0L);
        }
    }

    @Test
    void onlyArgumentsThatDifferAreSet() {
        try (OpenClBackend backend = Devices.open(); Scope scope = Scope.open()) {
            Tensor x = Tensor.of(backend, NdArray.of(Shape.of(2), 1, 2));
            x.mul(3).toArray();
            long before = backend.argumentsSet();
            assertThat(x.mul(5).toArray().floats()).containsExactly(5, 10);
            assertThat(backend.argumentsSet() - before).as("the factor and the output").isBetween(1L, 2L);
        }
    }

    /** A new buffer may have the handle of an old one. */
    @Test
    void releasedMemoryIsForgotten() {
        try (OpenClBackend backend = Devices.open()) {
            for (int pass = 0; pass < 6; pass++) {
                try (Scope scope = Scope.open()) {
                    Tensor x = Tensor.of(backend, NdArray.of(Shape.of(2), pass, 2));
                    assertThat(x.add(x).toArray().floats()).containsExactly(2 * pass, 4);
                }
                long before = backend.argumentsSet();
                backend.trim();
                Backend.Buffer other = backend.allocate(2);
                backend.free(other);
                assertThat(backend.argumentsSet()).isEqualTo(before);
            }
        }
    }
}

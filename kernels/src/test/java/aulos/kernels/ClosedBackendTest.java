// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A closed backend refuses to be used; that a scope frees its tensors later is no use. */
class ClosedBackendTest {

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "opencl"})
    void refusesToBeUsed(String device) {
        Backend backend = TestDevice.open(device);
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 1, 2);
            x.add(1).toArray();
            backend.close();
            for (Runnable use : List.<Runnable>of(x::toArray, x::exp, () -> Tensor.of(backend, Shape.of(1), 1))) {
                assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class)
                        .hasMessage(device + ": this backend is closed");
            }
        }
        backend.close();
    }
}

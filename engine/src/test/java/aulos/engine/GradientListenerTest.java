// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientListenerTest {
    /** loss = Σ(((x·a)·b)·a·c), with one tensor that nothing depends on: a is complete last, as it is read first. */
    @Test
    void hearsOfEachGradientOnceItIsComplete() {
        try (Backend backend = new ReferenceBackend(); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 3, 5);
            Tensor a = Tensor.of(backend, Shape.of(2), 2, 7);
            Tensor b = Tensor.of(backend, Shape.of(2), 11, 13);
            Tensor c = Tensor.of(backend, Shape.of(2), 17, 19);
            Tensor unused = Tensor.of(backend, Shape.of(2), 1, 1);
            Tensor side = unused.mul(b);
            Tensor loss = x.mul(a).mul(b).mul(a).mul(c).sum();
            List<Tensor> asked = List.of(a, unused, b, c);
            List<Integer> order = new ArrayList<>();
            Gradients gradients = tape.gradients(loss, asked, (index, gradient) -> {
                order.add(index);
                assertThat(gradient.toArray().doubles()).containsExactly(switch (index) {
                    case 0 -> new double[] {2 * 3 * 2 * 11 * 17, 2 * 5 * 7 * 13 * 19};
                    case 1 -> new double[2];
                    case 2 -> new double[] {3 * 2 * 2 * 17, 5 * 7 * 7 * 19};
                    default -> new double[] {3 * 2 * 11 * 2, 5 * 7 * 13 * 7};
                });
            });
            // b is read by side first, though nothing comes back from there.
            assertThat(order).containsExactly(3, 0, 2, 1);
            assertThat(gradients.of(unused).toArray().doubles()).containsExactly(0, 0);
            assertThat(gradients.of(a).toArray().get(0)).isEqualTo(2 * 3 * 2 * 11 * 17);
            assertThat(side.shape()).isEqualTo(Shape.of(2));
        }
    }
}

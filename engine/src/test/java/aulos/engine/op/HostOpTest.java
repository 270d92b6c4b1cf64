// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.GradCheck;
import aulos.engine.Gradients;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.transform.Transforms;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An op of one's own; values and gradients on every backend, and in every transform, are rows of {@link OpCases}. */
class HostOpTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    private static Tensor sin(Tensor x) {
        return HostOp.custom("my_sin", HostOp.pointwise(Math::sin), (argument, inputs, output, gradient) ->
                gradient.mul(inputs.get(0).cos()), x);
    }

    /** |x|, a scalar: one product x/|x| from input and output. */
    private static Tensor norm(Tensor x) {
        return HostOp.custom("norm", HostOp.shaped(shapes -> Shape.SCALAR, arrays -> {
            double sum = 0;
            for (double value : arrays.getFirst().doubles()) {
                sum += value * value;
            }
            return NdArray.of(Shape.SCALAR, Math.sqrt(sum));
        }), (argument, inputs, output, gradient) -> inputs.get(0).div(output).mul(gradient), x);
    }

    @Test
    void derivativesOfHigherOrdersAreRight() {
        NdArray at = NdArray.of(Shape.of(3), 0.3, -1.2, 2.0);
        for (int order = 1; order <= 3; order++) {
            GradCheck.of(list -> sin(list.get(0)).mul(norm(list.get(0)))).order(order).step(1e-3).extrapolated().check(at)
                    .requireBelow(1e-8);
        }
    }

    @Test
    void oneProductServesAllArguments() {
        int[] calls = new int[1];
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor a = Tensor.of(backend, Shape.of(2), 2, 3);
            Tensor b = Tensor.of(backend, Shape.of(2), 5, 7);
            Tensor product = HostOp.customJoint("times", arrays -> NdArray.of(Shape.of(2),
                    arrays.get(0).get(0) * arrays.get(1).get(0), arrays.get(0).get(1) * arrays.get(1).get(1)),
                    (arguments, inputs, output, gradient) -> {
                        calls[0]++;
                        return arguments.stream().map(i -> gradient.mul(inputs.get(1 - i))).toList();
                    }, a, b);
            Gradients gradients = tape.gradients(product.sum(), List.of(a, b));
            assertThat(gradients.of(a).toArray().doubles()).containsExactly(5, 7);
            assertThat(gradients.of(b).toArray().doubles()).containsExactly(2, 3);
            assertThat(calls[0]).isEqualTo(1);
            assertThat(tape.toString()).contains("= times(");
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void aBatchIsComputedOneByOne() {
        int[] calls = new int[1];
        try (Scope scope = Scope.open()) {
            Tensor batch = Tensor.of(backend, Shape.of(3, 2), 3, 4, 6, 8, 5, 12);
            Tensor norms = Transforms.vmap(x -> {
                calls[0]++;
                return norm(x);
            }).apply(batch);
            assertThat(norms.toArray().doubles()).containsExactly(5, 10, 13);
            assertThat(calls[0]).as("the function around it is traced").isEqualTo(1);
        }
    }

    @Test
    void whatDoesNotFitIsSaid() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 1, 2);
            HostOp.Product none = (argument, inputs, output, gradient) -> gradient;
            assertThatThrownBy(() -> Tape.labelled("net", () ->
                    HostOp.custom("half", arrays -> NdArray.of(Shape.of(1), 1.0), none, x)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("half: its function gave [1] for inputs [[2]], its shape rule gives [2] (in net)");
            assertThatThrownBy(() -> HostOp.custom("nothing", arrays -> null, none, x))
                    .hasMessage("nothing: its function gave null for inputs [[2]], its shape rule gives [2]");
            assertThatThrownBy(() -> HostOp.custom("two", HostOp.pointwise(Math::abs), none, x,
                    Tensor.of(backend, Shape.of(3), 1, 2, 3)))
                    .hasMessageContaining("two: shapes [2] and [3] do not broadcast");
            assertThatThrownBy(() -> HostOp.custom("none", HostOp.pointwise(Math::abs), none))
                    .hasMessage("none: no inputs, expected at least 1");
            try (Tape tape = Tape.open()) {
                Tensor y = HostOp.custom("wrong", HostOp.pointwise(Math::abs),
                        (argument, inputs, output, gradient) -> gradient.sum(), x);
                assertThatThrownBy(() -> tape.gradients(y.sum(), List.of(x)))
                        .hasMessage("wrong: vjp of argument 0 has shape [], the argument has [2]");
            }
        }
    }
}

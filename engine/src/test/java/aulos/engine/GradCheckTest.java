// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.op.Op;
import aulos.engine.op.Pointwise;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The check itself fails where it should. */
class GradCheckTest {

    /** A square root whose product is off by a factor, or that keeps nothing. */
    private record Wrong(double factor, boolean keeps) implements Op {
        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            return inputs.get(0);
        }

        @Override
        public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
            return new Pointwise.Sqrt().kernel(inputs, output);
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.div(output).mul(factor);
        }

        @Override
        public boolean keepsOutput() {
            return keeps;
        }
    }

    private static NdArray at(double... values) {
        return NdArray.of(Shape.of(values.length), values);
    }

    @Test
    void aDerivativeThatIsNotANumberFails() {
        GradCheck.Report report = GradCheck.firstOrder(x -> x.get(0).sqrt(), at(0, 1));
        assertThat(report.error()).isNaN();
        assertThat(report.passes()).isFalse();
        assertThatThrownBy(() -> report.requireBelow(1e-6)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("input 0, element 0");
        assertThatThrownBy(() -> GradCheck.firstOrder(x -> x.get(0).sqrt(), at(1, 0)).requireBelow(1e-6))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aWrongProductFailsWithATable() {
        GradCheck.Report report = GradCheck.of(x -> Tensor.apply(new Wrong(0.51, true), x.get(0))).check(at(1, 4));
        assertThat(report.passes()).isFalse();
        assertThat(report.count()).as("two elements and the forward mode").isEqualTo(3);
        assertThat(report.table().lines()).hasSize(4);
        assertThatThrownBy(report::require).isInstanceOf(AssertionError.class).hasMessageContaining("tolerance")
                .hasMessageContaining("numeric");
        GradCheck.of(x -> Tensor.apply(new Wrong(0.51, true), x.get(0))).relative(0.05).check(at(1, 4)).require();
        GradCheck.of(x -> Tensor.apply(new Wrong(0.5, true), x.get(0))).check(at(1, 4)).require();
    }

    @Test
    void aProductThatReadsWhatItDoesNotKeepFails() {
        assertThatThrownBy(() -> GradCheck.firstOrder(x -> Tensor.apply(new Wrong(0.5, false), x.get(0)), at(1, 4)))
                .hasMessageStartingWith("div: wrong[2] was used after its scope had freed it");
    }

    /** A square whose product reads its input and does not keep it. */
    private record Careless() implements Op {
        @Override
        public String name() {
            return "careless";
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            return inputs.get(0);
        }

        @Override
        public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
            return new Pointwise.Pow(2).kernel(inputs, output);
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(inputs.get(0)).mul(2);
        }
    }

    @Test
    void aProductThatReadsALeafItDoesNotKeepFails() {
        assertThatThrownBy(() -> GradCheck.firstOrder(x -> Tensor.apply(new Careless(), x.get(0)), at(1, 4)))
                .hasMessageStartingWith("mul: reshape[2] was used after its scope had freed it");
    }

    @Test
    void higherOrdersAndSteps() {
        GradCheck.of(x -> x.get(0).tanh().mul(x.get(1))).order(4).step(1e-4).check(at(0.3, -0.7), at(2, 1))
                .requireBelow(1e-6);
        assertThatThrownBy(() -> GradCheck.of(List::getFirst).order(0)).hasMessageContaining("expected at least 1");
    }
}

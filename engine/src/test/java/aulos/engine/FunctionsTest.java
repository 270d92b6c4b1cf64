// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The functions that study programs want: their values where a naive formula fails, and gradients at corners. */
class FunctionsTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void softmaxAndLogSumExpDoNotOverflow() {
        Tensor x = tensor(1, 3, 1000, 1001, 1002);
        double sum = Math.exp(-2) + Math.exp(-1) + 1;
        assertThat(x.softmax(-1).toArray().doubles()).containsExactly(
                new double[] {Math.exp(-2) / sum, Math.exp(-1) / sum, 1 / sum}, within(1e-15));
        assertThat(x.logSumExp(1).item()).isCloseTo(1002 + Math.log(sum), within(1e-12));
        assertThat(tensor(1, 2, Double.NEGATIVE_INFINITY, 3).logSumExp(1).item()).isEqualTo(3);
        assertThat(tensor(1, 1, Double.NEGATIVE_INFINITY).logSumExp(0, 1).item())
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void theirGradientsMatchDifferences() {
        NdArray x = NdArray.of(Shape.of(2, 3), new double[] {0.3, -1.2, 0.7, 2.1, 0.1, -0.4});
        GradCheck.firstOrder(in -> in.get(0).softmax(1), x).requireBelow(1e-6);
        GradCheck.secondOrder(in -> in.get(0).softmax(0), x).requireBelow(1e-6);
        GradCheck.firstOrder(in -> in.get(0).logSumExp(1), x).requireBelow(1e-6);
        GradCheck.secondOrder(in -> in.get(0).logSumExp(0, 1), x).requireBelow(1e-6);
        GradCheck.firstOrder(in -> in.get(0).min(1), x).requireBelow(1e-6);
    }

    @Test
    void maximaShareTheirGradient() {
        try (Tape tape = Tape.open()) {
            Tensor x = tensor(1, 4, 5, 2, 5, 1);
            Tensor y = x.max(0, 1);
            assertThat(y.item()).isEqualTo(5);
            assertThat(tape.gradients(y, List.of(x)).of(x).toArray().doubles()).containsExactly(0.5, 0, 0.5, 0);
        }
    }

    @Test
    void whereSeesNothingOfTheOtherSide() {
        try (Tape tape = Tape.open()) {
            Tensor x = tensor(1, 3, -1, 0, 4);
            Tensor zero = Tensor.of(backend, Shape.SCALAR, 0);
            Tensor y = x.greater(zero).where(x.sqrt(), x.mul(3));
            assertThat(y.toArray().doubles()).containsExactly(-3, 0, 2);
            double[] gradient = tape.gradients(y.sum(), List.of(x)).of(x).toArray().doubles();
            // √x has an infinite slope at 0 and none below: a gradient of 0 through it is NaN, as in every framework
            assertThat(gradient[2]).isEqualTo(0.25);
        }
        assertThat(tensor(1, 2, 1, 0).where(tensor(1, 2, 7, Double.NaN), tensor(1, 2, Double.NaN, 8)).toArray().doubles())
                .containsExactly(7, 8);
    }

    @Test
    void powersAtZero() {
        try (Tape tape = Tape.open()) {
            Tensor x = tensor(1, 2, 0, 3);
            Tensor y = x.pow(2).sum().add(x.pow(tensor(1, 2, 2, 2)).sum());
            assertThat(tape.gradients(y, List.of(x)).of(x).toArray().doubles()).containsExactly(0, 12);
        }
        try (Tape tape = Tape.open()) {
            Tensor z = tensor(1, 2, 2, 2);
            Tensor y = tensor(1, 2, 0, 3).pow(z);
            assertThat(tape.gradients(y.sum(), List.of(z)).of(z).toArray().doubles())
                    .containsExactly(new double[] {0, 9 * Math.log(3)}, within(1e-12));
        }
    }

    /** As PyTorch has them: a derivative that has no part in a place is 0 there, of any order, and not 0·∞. */
    @Test
    void higherDerivativesOfPowersAtZero() {
        double[][] places = {{0, 1}, {0, 0}, {0, 2}, {2, 0}, {0, -1}}; // x, z
        double infinity = Double.POSITIVE_INFINITY;
        double[][] right = { // ∂y/∂x, ∂y/∂z, ∂²y/∂x²
            {1, 0, 0}, {0, 0, 0}, {0, 0, 2}, {0, Math.log(2), 0}, {-infinity, -infinity, infinity}};
        for (int i = 0; i < places.length; i++) {
            try (Tape tape = Tape.open()) {
                Tensor x = tensor(1, 1, places[i][0]);
                Tensor z = tensor(1, 1, places[i][1]);
                Gradients first = tape.differentiableGradients(x.pow(z), List.of(x, z));
                assertThat(first.of(x).item()).as("∂x %d", i).isEqualTo(right[i][0]);
                assertThat(first.of(z).item()).as("∂z %d", i).isEqualTo(right[i][1]);
                assertThat(tape.gradients(first.of(x), List.of(x)).of(x).item() + 0.0).as("∂x² %d", i).isEqualTo(right[i][2]);
            }
        }
        try (Tape tape = Tape.open()) {
            Tensor x = tensor(1, 1, 2);
            Tensor z = tensor(1, 1, 0);
            Tensor slope = tape.differentiableGradients(x.pow(z), List.of(x)).of(x);
            assertThat(tape.gradients(slope, List.of(z)).of(z).item()).isEqualTo(0.5);
        }
    }

    @Test
    void notANumberStaysOneBackwards() {
        try (Tape tape = Tape.open()) {
            Tensor x = tensor(2, 2, Double.NaN, 1, 3, 2);
            Tensor y = x.max(1).add(x.clampMin(1.5)).add(x.min(1));
            double[] gradient = tape.gradients(y.sum(), List.of(x)).of(x).toArray().doubles();
            assertThat(gradient).containsExactly(Double.NaN, Double.NaN, 2 + 1, 2 + 1);
        }
    }

    @Test
    void softmaxAndLogSumExpOfLargeAndInfiniteValues() {
        double inf = Double.POSITIVE_INFINITY;
        double[][] rows = {{1e300, 0, 1e300}, {-inf, 0, 0}, {-1e300, -inf, -1e300}};
        double[][] shares = {{0.5, 0, 0.5}, {0, 0.5, 0.5}, {0.5, 0, 0.5}};
        for (int i = 0; i < rows.length; i++) {
            try (Tape tape = Tape.open()) {
                Tensor x = tensor(1, 3, rows[i]);
                Tensor y = x.logSumExp(1);
                assertThat(tape.differentiableGradients(y, List.of(x)).of(x).toArray().doubles()).containsExactly(shares[i]);
                Tensor soft = x.softmax(1);
                assertThat(soft.toArray().doubles()).containsExactly(shares[i]);
                Tensor slope = tape.differentiableGradients(soft.mul(tensor(1, 3, 1, 2, 3)).sum(), List.of(x)).of(x);
                double[] expected = i == 1 ? new double[] {0, -0.25, 0.25} : new double[] {-0.5, 0, 0.5};
                assertThat(slope.add(0).toArray().doubles()).containsExactly(expected, within(1e-15));
                Tensor second = tape.differentiableGradients(slope.mul(slope).sum(), List.of(x)).of(x);
                assertThat(second.toArray().doubles()).doesNotContain(Double.NaN);
            }
        }
        assertThat(tensor(1, 2, inf, 0).logSumExp(1).item()).isEqualTo(inf);
    }

    /** The way that the documentation of where() shows. */
    @Test
    void harmlessNumbersOnTheOtherSide() {
        try (Tape tape = Tape.open()) {
            Tensor x = tensor(1, 3, -1, 0, 4);
            Tensor zero = tensor(1, 1, 0);
            Tensor one = tensor(1, 1, 1);
            Tensor c = x.greater(zero);
            Tensor y = c.where(c.where(x, one).sqrt(), zero).add(c.where(c.where(x, one).log(), zero));
            assertThat(tape.gradients(y.sum(), List.of(x)).of(x).toArray().doubles()).containsExactly(0, 0, 0.5);
        }
    }

    @Test
    void gatherReadsATableAndAddsGradientsUp() {
        try (Tape tape = Tape.open()) {
            Tensor table = tensor(3, 2, 1, 2, 3, 4, 5, 6);
            Tensor y = table.gather(0, 2, 0, 2);
            assertThat(y.shape()).isEqualTo(Shape.of(3, 2));
            assertThat(y.toArray().doubles()).containsExactly(5, 6, 1, 2, 5, 6);
            assertThat(tape.gradients(y.sum(), List.of(table)).of(table).toArray().doubles())
                    .containsExactly(1, 1, 0, 0, 2, 2);
            assertThatThrownBy(() -> table.gather(0, 1, 3)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("gather: index 3 along axis 0 of [3,2], expected 0 to 2");
        }
    }

    private Tensor tensor(int rows, int columns, double... values) {
        return Tensor.of(backend, Shape.of(rows, columns), values);
    }
}

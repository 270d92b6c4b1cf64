// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.kernels.Samples;
import aulos.kernels.cpu.CpuBackend;
import java.util.List;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Value and gradients have the bits of the formula put together from other ops: golden gradients hang on last bits. */
@Tag("cpu")
class MeanAbsoluteErrorTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 4_161, 32_768, 32_769, 174_784, 300_001})
    void givesTheBitsOfTheFormula(int n) {
        List<float[]> expected = valueAndGradients(1, n, (a, b) -> a.sub(b).abs().mean());
        for (int threads = 1; threads <= 3; threads++) {
            List<float[]> actual = valueAndGradients(threads, n, Tensor::meanAbsoluteError);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).as("result %d on %d threads", i, threads).isEqualTo(expected.get(i));
            }
        }
    }

    private static List<float[]> valueAndGradients(int threads, int n, BinaryOperator<Tensor> error) {
        float[] values = Samples.random(1, n);
        float[] others = Samples.random(2, n);
        others[n / 2] = values[n / 2];
        try (CpuBackend cpu = new CpuBackend(threads); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor a = Tensor.of(cpu, NdArray.of(Shape.of(n), values));
            Tensor b = Tensor.of(cpu, NdArray.of(Shape.of(n), others));
            Tensor y = error.apply(a, b);
            var gradients = tape.gradients(y, Tensor.full(cpu, Shape.SCALAR, 0.7), List.of(a, b));
            return List.of(y.toArray().floats(), gradients.of(a).toArray().floats(), gradients.of(b).toArray().floats());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.op.RowProjection;
import aulos.engine.op.WeightNorm;
import aulos.engine.op.WeightNormGradient;
import aulos.kernels.Samples;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels give the bits of their formulas put together from other ops: golden gradients hang on last bits. */
@Tag("cpu")
class WeightNormTest {
    private final CpuBackend cpu = new CpuBackend(2);

    @AfterEach
    void close() {
        cpu.close();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,3", "5,63", "3,64", "7,65", "2,130", "300,41", "3,4096", "2,4161", "40,5120", "1024,15"})
    void givesTheBitsOfTheFormula(int rows, int width) {
        try (Scope scope = Scope.open()) {
            Shape shape = Shape.of(rows, 1, width);
            Tensor g = tensor(1, Shape.of(rows, 1, 1));
            Tensor v = tensor(2, shape);
            Tensor x = tensor(3, shape);
            Tensor norm = v.matmul(v, false, true).sqrt();
            Tensor scale = g.div(norm);
            Tensor dot = x.matmul(v, false, true);
            same(Tensor.apply(new WeightNorm(), g, v), v.mul(scale), "weight");
            same(Tensor.apply(new RowProjection(), v, x), dot.div(norm), "gradient of the gain");
            same(Tensor.apply(new WeightNormGradient(), g, v, x),
                    x.mul(scale).add(v.mul(dot.mul(scale).div(norm).neg().div(norm))), "gradient of the direction");
        }
    }

    private Tensor tensor(long seed, Shape shape) {
        return Tensor.of(cpu, NdArray.of(shape, Samples.random(seed, shape.size())));
    }

    private static void same(Tensor actual, Tensor expected, String what) {
        assertThat(bits(actual)).as(what).isEqualTo(bits(expected));
    }

    private static int[] bits(Tensor tensor) {
        float[] values = tensor.toArray().floats();
        return IntStream.range(0, values.length).map(i -> Float.floatToIntBits(values[i])).toArray();
    }
}

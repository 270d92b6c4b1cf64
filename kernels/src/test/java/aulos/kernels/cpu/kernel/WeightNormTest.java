// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.op.RowProjection;
import aulos.engine.op.WeightNorm;
import aulos.engine.op.WeightNormGradient;
import aulos.kernels.Samples;
import aulos.kernels.cpu.CpuBackend;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
            same(Tensor.apply(new WeightNorm(), v, g), v.mul(scale), "weight");
            same(Tensor.apply(new RowProjection(), v, x), dot.div(norm), "gradient of the gain");
            same(Tensor.apply(new WeightNormGradient(), v, g, x),
                    x.mul(scale).add(v.mul(dot.mul(scale).div(norm).neg().div(norm))), "gradient of the direction");
            same(Tensor.apply(new RowProjection(), v, x), dot.div(norm), "with the products kept");
        }
    }

    /** Norms and products that are kept beside a buffer must not outlive what they were computed from. */
    @Test
    void seesThatItsOperandsChanged() {
        try (Scope scope = Scope.open()) {
            Shape shape = Shape.of(4, 70);
            Tensor g = tensor(1, Shape.of(4, 1));
            Tensor v = tensor(2, shape);
            Tensor x = tensor(3, shape);
            Tensor.apply(new WeightNormGradient(), v, g, x);
            step(v);
            projects(v, x);
            Tensor.apply(new WeightNormGradient(), v, g, x);
            step(x);
            projects(v, x);
            Tensor.apply(new WeightNormGradient(), v, g, v);
            projects(v, v);
            Tensor.apply(new WeightNormGradient(), v, g, x);
            Tensor other = tensor(4, shape);
            projects(other, x);
            Tensor flat = v.reshape(2, 140);
            projects(flat, x.reshape(2, 140));
        }
    }

    private void step(Tensor parameter) {
        Shape shape = parameter.shape();
        Tensor.update(new Kernel.AdamW(0.1, 0.9, 0.99, 1e-8, 0.01, 1), parameter, tensor(5, shape),
                Tensor.full(cpu, shape, 0), Tensor.full(cpu, shape, 0));
    }

    private static void projects(Tensor v, Tensor x) {
        int rows = v.shape().dim(0);
        Tensor direction = v.reshape(rows, 1, v.shape().size() / rows);
        Tensor norm = direction.matmul(direction, false, true).sqrt();
        Tensor dot = x.reshape(direction.shape()).matmul(direction, false, true);
        same(Tensor.apply(new RowProjection(), v, x), dot.div(norm).reshape(rows, 1), "projection");
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

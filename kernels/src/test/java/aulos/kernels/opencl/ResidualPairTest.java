// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.kernels.Samples;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two convolutions of a residual block in one kernel. */
class ResidualPairTest {
    /** Precision, channels, length, kernel, dilation; where CI is set all, as PoCL takes long to compile them. */
    static Stream<Arguments> pairs() {
        List<Arguments> all = List.of(
                Arguments.of(Precision.BF16, 32, 149, 3, 1), Arguments.of(Precision.TF32, 32, 260, 5, 3),
                Arguments.of(Precision.BF16, 64, 132, 7, 2), Arguments.of(Precision.TF32, 64, 33, 3, 5));
        return (System.getenv("CI") == null ? all.subList(0, 1) : all).stream();
    }

    /** Whoever else may read what is between them has it computed; the result has the same bits then. */
    @ParameterizedTest
    @MethodSource("pairs")
    void onePassHasTheBitsOfTwo(Precision precision, int channels, int length, int kernel, int dilation) {
        // The order of its sums is that of the pair's kernel.
        ConvPlan plan = new ConvPlan(new MmaTile(1, 2, channels / 16, 2, 1, 0), 1);
        try (OpenClBackend backend = new OpenClBackend(0, Devices.info(), ProgramFiles.usual(), problem -> plan)) {
            backend.emulateConvolutionPrecision(precision);
            Operand x = random(backend, 1, Shape.of(2, channels, length));
            Operand w1 = random(backend, 2, Shape.of(channels, channels, kernel));
            Operand w2 = random(backend, 3, Shape.of(channels, channels, kernel));
            Operand bias = random(backend, 4, Shape.of(channels));
            Operand others = random(backend, 5, x.shape());
            Kernel first = new Kernel.Conv(ConvSpec.same(kernel, dilation), new Fusion(0.1, true, 0, 1, false));
            Kernel second = new Kernel.Conv(ConvSpec.same(kernel, 1), new Fusion(0.2, true, 2, 0.5, false));
            float[] apart = null;
            for (boolean between : new boolean[] {true, false, false}) {
                Operand h = random(backend, 6, x.shape());
                Operand y = random(backend, 7, x.shape());
                backend.sync();
                long before = backend.launches();
                backend.run(first, h, x, w1, bias);
                backend.run(second, y, h, w2, bias, x, others);
                if (between) {
                    backend.download(h.buffer(), h.shape());
                }
                backend.free(h.buffer());
                float[] result = backend.download(y.buffer(), y.shape()).floats();
                backend.free(y.buffer());
                if (between) {
                    apart = result;
                    assertThat(backend.launches() - before).as("with both weights packed").isEqualTo(4);
                } else {
                    assertThat(result).isEqualTo(apart);
                }
            }
            long before = backend.launches();
            Operand h = random(backend, 6, x.shape());
            Operand y = random(backend, 7, x.shape());
            backend.run(first, h, x, w1, bias);
            backend.run(second, y, h, w2, bias, x, others);
            backend.free(h.buffer());
            backend.sync();
            assertThat(backend.launches() - before).isOne();
            backend.free(y.buffer());
            List.of(x, w1, w2, bias, others).forEach(operand -> backend.free(operand.buffer()));
            assertThat(backend.liveBuffers()).isZero();
        }
    }

    private static Operand random(OpenClBackend backend, int seed, Shape shape) {
        Operand operand = new Operand(shape, backend.allocate(shape.size()));
        float[] values = Samples.random(seed, shape.size());
        backend.upload(operand.buffer(), NdArray.of(shape, values));
        return operand;
    }
}

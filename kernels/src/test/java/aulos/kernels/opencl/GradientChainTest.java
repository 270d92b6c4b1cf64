// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.PointwiseFunction;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.kernels.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A gradient of a convolution with what follows it in one kernel. */
class GradientChainTest {
    private static final Kernel.Pointwise GATE = new Kernel.Pointwise(PointwiseFunction.LEAKY_RELU_GRADIENT, 0.1, 0);
    private static final Kernel.Pointwise ADD = new Kernel.Pointwise(PointwiseFunction.ADD, 0, 0);
    private static final Shape SHAPE = Shape.of(2, 6, 40);

    /** Each kernel that finishes sums, and the one that adds parts; tensor cores where CI is set. */
    static Stream<Arguments> plans() {
        ConvTile taps = new MatrixTile(ConvKernel.TAPS, 1, 4, 8, 1, 16, 64, 1, 16, 1, false, false, true);
        Stream<Arguments> all = Stream.of(Arguments.of(Precision.FLOAT32, new ConvPlan(taps, 1)),
                Arguments.of(Precision.FLOAT32, new ConvPlan(taps, 2)),
                Arguments.of(Precision.FLOAT32, new ConvPlan(MatrixTile.few(16, 4, 1, 16), 1)),
                Arguments.of(Precision.FLOAT32, new ConvPlan(new DirectTile(8, 4, 4, 4, 4, 2, 0), 1)),
                Arguments.of(Precision.BF16, new ConvPlan(new MmaTile(1, 2, 1, 2, 2, 0), 1)));
        return System.getenv("CI") == null ? all.limit(4) : all;
    }

    /** A chain's operands; each link writes to the next of the outputs. */
    private record Chain(OpenClBackend backend, Kernel first, Operand gradient, Operand w, List<Kernel> links,
            List<Operand> others, List<Operand> outs) {

        static Chain of(OpenClBackend backend, ConvSpec spec, List<Kernel> links) {
            List<Operand> others = new ArrayList<>();
            List<Operand> outs = new ArrayList<>(List.of(random(backend, 9, SHAPE)));
            for (int i = 0; i < links.size(); i++) {
                others.add(random(backend, 3 + i, SHAPE));
                outs.add(random(backend, 9, SHAPE));
            }
            Operand gradient = random(backend, 1, Shape.of(2, 5, spec.outputLength(40, 3)));
            return new Chain(backend, new Kernel.ConvInputGradient(spec, Fusion.NONE), gradient,
                    random(backend, 2, Shape.of(5, 6, 3)), links, others, outs);
        }

        /** As a backward pass does; what is between may be freed before the result is asked for. */
        float[] run(boolean frees) {
            backend.run(first, outs.getFirst(), gradient, w);
            for (int i = 0; i < links.size(); i++) {
                backend.run(links.get(i), outs.get(i + 1), others.get(i), outs.get(i));
            }
            // Kernels in between that have nothing to do with it.
            Operand unrelated = new Operand(SHAPE, backend.allocate(SHAPE.size()));
            backend.run(ADD, unrelated, others.getFirst(), others.getFirst());
            backend.free(unrelated.buffer());
            if (frees) {
                outs.subList(0, links.size()).forEach(operand -> backend.free(operand.buffer()));
                List.of(gradient, w).forEach(operand -> backend.free(operand.buffer()));
            }
            return backend.download(outs.getLast().buffer(), SHAPE).floats();
        }

        void close(boolean freed) {
            others.forEach(operand -> backend.free(operand.buffer()));
            backend.free(outs.getLast().buffer());
            if (!freed) {
                outs.subList(0, links.size()).forEach(operand -> backend.free(operand.buffer()));
                List.of(gradient, w).forEach(operand -> backend.free(operand.buffer()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void oneKernelComputesWhatSeveralDo(Precision precision, ConvPlan plan) {
        try (OpenClBackend backend = new OpenClBackend(0, Devices.info(), ProgramFiles.usual(), problem -> plan)) {
            backend.emulateConvolutionPrecision(precision);
            // Without and with a stride, whose outputs are no vectors.
            for (ConvSpec spec : List.of(ConvSpec.same(3, 1), new ConvSpec(2, 1, 1, 1))) {
                for (List<Kernel> links : List.<List<Kernel>>of(List.of(GATE), List.of(ADD), List.of(GATE, ADD),
                        List.of(ADD, GATE))) {
                    Chain apart = Chain.of(backend, spec, links);
                    Chain together = Chain.of(backend, spec, links);
                    long before = backend.launches();
                    float[] expected = apart.run(false);
                    long several = backend.launches() - before;
                    float[] found = together.run(true);
                    long one = backend.launches() - before - several;
                    for (int i = 0; i < found.length; i++) {
                        assertThat(found[i]).as("%s, element %d", links, i).isCloseTo(expected[i], within(1e-6f));
                    }
                    assertThat(one).as("%s", links).isEqualTo(several - links.size());
                    apart.close(false);
                    together.close(true);
                }
            }
            assertThat(backend.liveBuffers()).isZero();
        }
    }

    /** A kernel that reads what is between, or writes to what the chain reads, comes in its turn. */
    @Test
    void othersComeInTheirTurn() {
        try (OpenClBackend backend = Devices.open()) {
            Chain chain = Chain.of(backend, ConvSpec.same(3, 1), List.of(GATE, ADD));
            float[] expected = chain.run(false);
            float[] between = backend.download(chain.outs.getFirst().buffer(), SHAPE).floats();
            // Uploading would start what waits.
            Operand copy = random(backend, 5, SHAPE);
            Operand sevens = random(backend, 6, chain.w.shape());
            backend.run(chain.first, chain.outs.getFirst(), chain.gradient, chain.w);
            Kernel same = new Kernel.Pointwise(PointwiseFunction.AFFINE, 1, 0);
            backend.run(same, copy, chain.outs.getFirst());
            backend.free(chain.outs.getFirst().buffer());
            assertThat(backend.download(copy.buffer(), SHAPE).floats()).isEqualTo(between);
            backend.run(chain.first, copy, chain.gradient, chain.w);
            backend.run(new Kernel.Pointwise(PointwiseFunction.AFFINE, 0, 7), chain.w, sevens);
            assertThat(backend.download(copy.buffer(), SHAPE).floats()).isEqualTo(between);
            assertThat(expected).isNotEqualTo(between);
        }
    }

    private static Operand random(OpenClBackend backend, int seed, Shape shape) {
        Operand operand = new Operand(shape, backend.allocate(shape.size()));
        backend.upload(operand.buffer(), NdArray.of(shape, Samples.random(seed, shape.size())));
        return operand;
    }
}

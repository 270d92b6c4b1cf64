// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.kernels.Samples;
import aulos.kernels.cpu.CpuBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions that are computed together have the bits of those that are computed one by one. */
@Tag("vector")
class ConvStreamTest {

    /** Residual blocks on one signal, whose outputs are added up. */
    private record Blocks(int channels, int length, int[] kernels, int[][] dilations, boolean pairs) {
        Tensor run(Tensor x, List<Tensor> weights) {
            Fusion activated = Fusion.NONE.withInputSlope(.1).withBias(true);
            Tensor sum = null;
            int next = 0;
            for (int block = 0; block < kernels.length; block++) {
                Tensor value = x;
                for (int i = 0; i < dilations[block].length; i++) {
                    Tensor inner = value;
                    int dilation = dilations[block][i];
                    if (pairs) {
                        inner = value.conv1d(weights.get(next++), ConvSpec.same(kernels[block], dilation), activated,
                                weights.get(next++));
                        dilation = 1;
                    }
                    boolean joins = sum != null && i == dilations[block].length - 1;
                    ConvSpec spec = ConvSpec.same(kernels[block], dilation);
                    Tensor weight = weights.get(next++);
                    Tensor bias = weights.get(next++);
                    value = joins
                            ? inner.conv1d(weight, spec, activated.withResiduals(2).withScale(.5), bias, value, sum)
                            : inner.conv1d(weight, spec, activated.withResiduals(1), bias, value);
                }
                sum = value;
            }
            return sum;
        }

        List<Tensor> weights(Backend backend) {
            List<Tensor> weights = new ArrayList<>();
            for (int block = 0; block < kernels.length; block++) {
                for (int i = 0; i < dilations[block].length * (pairs ? 2 : 1); i++) {
                    weights.add(tensor(backend, weights.size(), channels, channels, kernels[block]));
                    weights.add(tensor(backend, weights.size(), channels));
                }
            }
            return weights;
        }
    }

    private static Tensor tensor(Backend backend, int seed, int... sizes) {
        Shape shape = Shape.of(sizes);
        float[] values = Samples.random(seed, shape.size());
        for (int i = 0; i < values.length; i++) {
            values[i] *= .2f;
        }
        return Tensor.of(backend, NdArray.of(shape, values));
    }

    /** Every algorithm and kind of dilation, whole and odd lengths, channels that fill no tile. */
    static Stream<Blocks> blocks() {
        int[][] odd = {{1, 3, 5}, {1, 3, 5}, {1, 3, 5}};
        int[][] even = {{1, 2}, {2, 6}, {3, 12}};
        return Stream.of(
                new Blocks(8, 65536, new int[] {3, 7, 11}, odd, true),
                new Blocks(16, 32768, new int[] {3, 7, 11}, odd, true),
                new Blocks(17, 30011, new int[] {3, 7, 11}, odd, true),
                new Blocks(32, 40000, new int[] {3, 5, 7}, even, false),
                new Blocks(33, 20077, new int[] {3, 5, 7}, even, false),
                new Blocks(1, 9000, new int[] {3}, new int[][] {{1, 4}}, false),
                // Too short to be worth it.
                new Blocks(16, 100, new int[] {3, 7, 11}, odd, true));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void givesTheBitsOfOneByOne(Blocks blocks) {
        float[] expected = outputs(blocks, 1, false);
        for (int threads = 1; threads <= 3; threads++) {
            assertThat(outputs(blocks, threads, true)).isEqualTo(expected);
        }
    }

    private static float[] outputs(Blocks blocks, int threads, boolean together) {
        try (CpuBackend backend = new CpuBackend(threads); Scope scope = Scope.open()) {
            Tensor x = tensor(backend, -1, 1, blocks.channels, blocks.length);
            List<Tensor> weights = blocks.weights(backend);
            Supplier<Tensor> run = () -> blocks.run(x, weights);
            // Twice: scratch memory is then full of another's values.
            float[] first = (together ? Scope.runTogether(backend, run) : Scope.run(run)).toArray().floats();
            float[] second = (together ? Scope.runTogether(backend, run) : Scope.run(run)).toArray().floats();
            assertThat(second).isEqualTo(first);
            return first;
        }
    }

    @Test
    void intermediateSignalsTakeNoMemory() {
        Blocks blocks = new Blocks(8, 65536, new int[] {3}, new int[][] {{1, 3, 5}}, true);
        try (CpuBackend backend = new CpuBackend(2); Scope scope = Scope.open()) {
            Tensor x = tensor(backend, -1, 1, blocks.channels, blocks.length);
            List<Tensor> weights = blocks.weights(backend);
            Scope.runTogether(backend, () -> blocks.run(x, weights));
            long signal = 4L * blocks.channels * blocks.length;
            assertThat(backend.liveBytes() + backend.pooledBytes()).isBetween(2 * signal, 2 * signal + (64 << 10));
        }
    }

    @Test
    void whatIsReadInBetweenIsThere() {
        try (CpuBackend backend = new CpuBackend(2); Scope scope = Scope.open()) {
            Tensor x = tensor(backend, 1, 1, 4, 1000);
            Tensor weight = tensor(backend, 2, 4, 4, 3);
            Tensor once = x.conv1d(weight, ConvSpec.same(3, 1));
            Tensor twice = once.conv1d(weight, ConvSpec.same(3, 1));
            float[][] between = new float[1][];
            Tensor result = Scope.runTogether(backend, () -> {
                Tensor y = x.conv1d(weight, ConvSpec.same(3, 1));
                between[0] = y.toArray().floats();
                Tensor z = y.conv1d(weight, ConvSpec.same(3, 1));
                return z.add(y);
            });
            assertThat(between[0]).isEqualTo(once.toArray().floats());
            assertThat(result.toArray().floats()).isEqualTo(twice.add(once).toArray().floats());
        }
    }

    /** One packed form is kept beside a weight, and each dilation has its own. */
    @Test
    void weightsMayServeTwice() {
        try (CpuBackend backend = new CpuBackend(2); Scope scope = Scope.open()) {
            Tensor x = tensor(backend, 1, 1, 16, 9000);
            Tensor weight = tensor(backend, 2, 16, 16, 7);
            Tensor expected = x.conv1d(weight, ConvSpec.same(7, 1)).conv1d(weight, ConvSpec.same(7, 3));
            Tensor actual = Scope.runTogether(backend, () ->
                    x.conv1d(weight, ConvSpec.same(7, 1)).conv1d(weight, ConvSpec.same(7, 3)));
            assertThat(actual.toArray().floats()).isEqualTo(expected.toArray().floats());
        }
    }

    @Test
    void anErrorInsideLeavesNothingBehind() {
        try (CpuBackend backend = new CpuBackend(2); Scope scope = Scope.open()) {
            Tensor x = tensor(backend, 1, 1, 4, 1000);
            Tensor weight = tensor(backend, 2, 4, 4, 3);
            int live = backend.liveBuffers();
            assertThatThrownBy(() -> Scope.runTogether(backend, () -> {
                x.conv1d(weight, ConvSpec.same(3, 1));
                throw new IllegalStateException("expected");
            })).hasMessage("expected");
            assertThat(backend.liveBuffers()).isEqualTo(live);
            assertThat(x.conv1d(weight, ConvSpec.same(3, 1)).toArray().floats()).hasSize(4000);
        }
    }
}

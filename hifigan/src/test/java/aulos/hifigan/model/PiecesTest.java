// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.testing.Fill;
import aulos.kernels.cpu.CpuBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is computed in pieces has the bits of the whole. */
class PiecesTest {
    private static final int CHANNELS = 64;
    /** What is done in one piece. */
    private static final int LONGEST = 4096;

    @Test
    void piecesAreTheWhole() {
        ConvSpec dilated = ConvSpec.same(7, 3);
        ConvSpec dense = ConvSpec.same(7, 1);
        try (Backend backend = new CpuBackend(2); Scope scope = Scope.open()) {
            Backend.Reach first = backend.reach(dilated, Shape.of(CHANNELS, CHANNELS, 7));
            Backend.Reach second = backend.reach(dense, Shape.of(CHANNELS, CHANNELS, 7));
            Backend.Reach reach = new Backend.Reach(first.before() + second.before(), first.after() + second.after(),
                    Math.max(first.grid(), second.grid()));
            Tensor w = Tensor.of(backend, Fill.fill("w", Shape.of(CHANNELS, CHANNELS, 7), 0.1));
            for (int length : new int[] {1, LONGEST, LONGEST + 1, 2 * LONGEST + 808}) {
                Tensor x = Tensor.of(backend, Fill.fill("x", Shape.of(2, CHANNELS, length), 1));
                List<Integer> lengths = new ArrayList<>();
                UnaryOperator<Tensor> layers = input -> {
                    lengths.add(input.shape().dim(2));
                    return input.conv1d(w, dilated).conv1d(w, dense);
                };
                float[] pieces = Pieces.run(x, reach, layers).toArray().floats();
                assertThat(lengths).hasSize(Math.ceilDiv(length, LONGEST));
                assertThat(pieces).isEqualTo(layers.apply(x).toArray().floats());
            }
        }
    }

    /** The first second of two is too short for pieces. */
    @Test
    void aLongSignalStartsLikeAShortOne() {
        HifiGanConfig config = HifiGanConfig.V3;
        Map<String, NdArray> weights = WeightNorm.fold(config, Fill.generator(config, "pieces/", 0.6));
        int hop = config.mel().hopSize();
        NdArray mel = Fill.fill("mel", Shape.of(1, config.mel().mels(), 70), 3);
        try (Backend backend = new CpuBackend(2); Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Generator generator = new Generator(config, Weights.of(backend, model, weights), WeightForm.PLAIN);
            Tensor input = Tensor.of(backend, mel);
            float[] whole = generator.forward(input).toArray().floats();
            float[] start = generator.forward(input.slice(2, 0, 30)).toArray().floats();
            int same = (30 - config.reach(backend).after()) * hop;
            assertThat(Arrays.copyOf(whole, same)).isEqualTo(Arrays.copyOf(start, same));
        }
    }
}

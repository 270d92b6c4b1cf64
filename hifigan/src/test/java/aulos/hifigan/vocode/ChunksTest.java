// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.ResBlockKind;
import aulos.hifigan.model.TrainingConfig;
import aulos.hifigan.testing.Fill;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Vocoding in chunks gives, bit for bit, what vocoding in one piece gives, whatever the threads. */
class ChunksTest {
    private static final int CHANNELS = 64;

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void chunksEqualTheWhole(
            @ForAll ResBlockKind kind,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 4) Integer> rates,
            @ForAll @Size(min = 3, max = 3) List<@IntRange(min = 0, max = 7) Integer> widenings,
            @ForAll @Size(min = 1, max = 2) List<@IntRange(min = 0, max = 3) Integer> halfKernels,
            @ForAll @Size(3) List<@IntRange(min = 1, max = 4) Integer> dilations,
            @ForAll @IntRange(min = 1, max = 9) int mels,
            @ForAll @IntRange(min = 1, max = 120) int frames,
            @ForAll @IntRange(min = 1, max = 50) int chunk,
            @ForAll @IntRange(min = 1, max = 3) int threads) throws IOException {
        int hop = rates.stream().reduce(1, (a, b) -> a * b);
        MelConfig melConfig = new MelConfig(mels, 2 * hop, hop, hop, 1000, 0, 500);
        HifiGanConfig config = new HifiGanConfig(
                kind, rates, IntStream.range(0, rates.size()).mapToObj(i -> rates.get(i) + widenings.get(i)).toList(), CHANNELS,
                halfKernels.stream().map(half -> 2 * half + 1).toList(),
                halfKernels.stream().map(half -> dilations.subList(0, kind.dilations())).toList(),
                melConfig, TrainingConfig.usual(melConfig));
        Map<String, NdArray> weights = Fill.generator(config, "chunks/", 0.6);
        NdArray mel = Fill.fill("mel", Shape.of(mels, frames), 3);

        float[] whole = vocode(config, weights, mel, frames, 1);
        assertThat(whole).hasSize(config.samples(frames));
        assertThat(vocode(config, weights, mel, chunk, threads)).containsExactly(whole);
    }

    private static float[] vocode(
            HifiGanConfig config, Map<String, NdArray> weights, NdArray mel, int chunk, int threads)
            throws IOException {
        try (Backend backend = new CpuBackend(threads);
                Vocoder vocoder = new Vocoder(config, weights, backend, chunk)) {
            return Recorded.of(vocoder, mel);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.ConvSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The formula against the definition: mark one mel frame, and see which samples it reaches. */
class ReceptiveFieldTest {

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void isHowFarOneMelFrameReaches(
            @ForAll ResBlockKind kind,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 5) Integer> rates,
            @ForAll @IntRange(min = 0, max = 4) int widening,
            @ForAll @Size(min = 1, max = 2) List<@IntRange(min = 0, max = 3) Integer> halfKernels,
            @ForAll @Size(3) List<@IntRange(min = 1, max = 5) Integer> dilations) {
        int hop = rates.stream().reduce(1, (a, b) -> a * b);
        MelConfig mel = new MelConfig(4, 2 * hop, hop, hop, 1000, 0, 500);
        HifiGanConfig config = new HifiGanConfig(
                kind, rates, rates.stream().map(rate -> rate + 2 * widening).toList(), 8,
                halfKernels.stream().map(half -> 2 * half + 1).toList(),
                halfKernels.stream().map(half -> dilations.subList(0, kind.dilations())).toList(),
                mel, TrainingConfig.usual(mel));

        int reach = config.receptiveField();
        int frames = 2 * reach + 21;
        int frame = frames / 2;
        BitSet audio = reached(config, frames, frame);
        assertThat(frame - audio.nextSetBit(0) / hop).isEqualTo(reach);
        assertThat((audio.length() - 1) / hop - frame).isEqualTo(reach);
    }

    private static BitSet reached(HifiGanConfig config, int frames, int frame) {
        List<ConvLayer> layers = new ArrayList<>(config.layers());
        BitSet x = new BitSet();
        x.set(frame);
        x = through(layers.getFirst(), x, frames);
        int length = frames;
        for (int i = 0; i < config.stages(); i++) {
            x = through(find(layers, "ups." + i), x, length);
            length *= config.upsampleRates().get(i);
            BitSet mean = new BitSet();
            for (int j = 0; j < config.resblockKernelSizes().size(); j++) {
                BitSet y = (BitSet) x.clone();
                String prefix = "resblocks." + (i * config.resblockKernelSizes().size() + j) + ".";
                for (int n = 0; n < config.resblock().dilations(); n++) {
                    y.or(switch (config.resblock()) {
                        case RESBLOCK1 -> through(find(layers, prefix + "convs2." + n),
                                through(find(layers, prefix + "convs1." + n), y, length), length);
                        case RESBLOCK2 -> through(find(layers, prefix + "convs." + n), y, length);
                    });
                }
                mean.or(y);
            }
            x = mean;
        }
        return through(layers.getLast(), x, length);
    }

    private static ConvLayer find(List<ConvLayer> layers, String name) {
        return layers.stream().filter(layer -> layer.name().equals(name)).findFirst().orElseThrow();
    }

    private static BitSet through(ConvLayer layer, BitSet x, int length) {
        ConvSpec spec = layer.spec();
        int outLength = layer.transposed()
                ? spec.transposedLength(length, layer.kernelSize())
                : spec.outputLength(length, layer.kernelSize());
        BitSet y = new BitSet();
        for (int t = x.nextSetBit(0); t >= 0; t = x.nextSetBit(t + 1)) {
            for (int k = 0; k < layer.kernelSize(); k++) {
                int s = layer.transposed()
                        ? t * spec.stride() + k - spec.padding()
                        : t - k * spec.dilation() + spec.padding();
                if (s >= 0 && s < outLength) {
                    y.set(s);
                }
            }
        }
        return y;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.testing.Fill;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightNormTest {
    private static final MelConfig MEL = new MelConfig(3, 16, 4, 16, 8000, 0, 4000);
    private static final HifiGanConfig TINY = new HifiGanConfig(
            ResBlockKind.RESBLOCK2, List.of(2, 2), List.of(4, 4), 8, List.of(3), List.of(List.of(1, 2)), MEL,
            TrainingConfig.usual(MEL));

    @Test
    void givesEveryRowTheLengthOfItsGain() {
        NdArray v = NdArray.of(Shape.of(2, 1, 2), 3f, 4f, 0f, -0.5f);
        NdArray g = NdArray.of(Shape.of(2, 1, 1), 10f, 2f);
        assertThat(WeightNorm.fold(g, v).floats()).containsExactly(6, 8, 0, -2);
        NdArray wide = NdArray.of(v.shape(), v.doubles());
        assertThat(WeightNorm.fold(g, wide).isDouble()).isTrue();
        assertThat(WeightNorm.fold(g, wide).floats()).containsExactly(6, 8, 0, -2);
    }

    @Test
    void refusesARowWithoutDirectionAndGainsThatDoNotFit() {
        NdArray v = NdArray.of(Shape.of(2, 1, 2), 3f, 4f, 0f, 0f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightNorm.fold(NdArray.of(Shape.of(2, 1, 1), 1f, 1f), v))
                .withMessage("weight norm: row 1 of v [2,1,2] is all zero, expected a direction");
        assertThatIllegalArgumentException().isThrownBy(() -> WeightNorm.fold(NdArray.of(Shape.of(1, 1, 1), 1f), v))
                .withMessage("weight norm: g is [1,1,1], v [2,1,2] expects one gain for each of its 2 rows");
    }

    @Test
    void foldsAStateDictUnderAllOfItsNames() {
        Map<String, NdArray> state = Fill.generator(TINY, "", 1);
        Map<String, NdArray> folded = WeightNorm.fold(TINY, state);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        folded.forEach((name, array) -> shapes.put(name, array.shape()));
        assertThat(shapes).containsExactlyEntriesOf(TINY.foldedParameters());

        Map<String, NdArray> parametrised = new LinkedHashMap<>();
        state.forEach((name, array) -> parametrised.put(
                name.replace("weight_g", "parametrizations.weight.original0")
                        .replace("weight_v", "parametrizations.weight.original1"), array));
        Map<String, NdArray> again = WeightNorm.fold(TINY, parametrised);
        folded.forEach((name, array) -> assertThat(again.get(name).doubles()).containsExactly(array.doubles()));

        assertThat(WeightNorm.fold(TINY, folded)).isEqualTo(folded);
    }

    @Test
    void namesTheArrayThatDoesNotFit() {
        Map<String, NdArray> state = Fill.generator(TINY, "", 1);
        Map<String, NdArray> missing = new LinkedHashMap<>(state);
        missing.remove("ups.1.weight_g");
        assertThatIllegalArgumentException().isThrownBy(() -> WeightNorm.fold(TINY, missing)).withMessage(
                "state dict: ups.1.weight_g is missing, the configuration expects it with shape [4,1,1]");

        Map<String, NdArray> wrong = new LinkedHashMap<>(state);
        wrong.put("conv_pre.bias", NdArray.of(Shape.of(9), new float[9]));
        assertThatIllegalArgumentException().isThrownBy(() -> WeightNorm.fold(TINY, wrong))
                .withMessage("state dict: conv_pre.bias is [9], the configuration expects [8]");

        Map<String, NdArray> extra = new LinkedHashMap<>(state);
        extra.put("ups.2.bias", NdArray.of(Shape.of(1), 1f));
        assertThatIllegalArgumentException().isThrownBy(() -> WeightNorm.fold(TINY, extra))
                .withMessageStartingWith("state dict: has ups.2.bias, unknown to the configuration");
    }
}

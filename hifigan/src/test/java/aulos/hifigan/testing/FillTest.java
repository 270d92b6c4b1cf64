// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FillTest {

    @Test
    void hasTheFormulasValues() {
        assertThat(Fill.fill("a", Shape.of(5), 1).floats())
                .containsExactly(0.9224814f, -0.8901204f, 0.907833f, 0.22620559f, -0.4620812f);
    }

    @Test
    void matchesTheGoldenSamples() throws IOException {
        Map<String, NdArray> golden = Golden.values("fill");
        assertThat(Fill.fill("a", Shape.of(5), 1).floats()).containsExactly(golden.get("a").floats());
        assertThat(Fill.fill("conv_pre.weight_v", Shape.of(2, 3, 4), 0.25).floats())
                .containsExactly(golden.get("conv_pre.weight_v").floats());
    }

    @Test
    void matchesEveryParameterOfTheGoldenTinyGenerator() throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder("generator_tiny").resolve("config.json"));
        Map<String, NdArray> golden = Golden.values("generator_tiny");
        Map<String, NdArray> filled = Fill.generator(config, "generator_tiny/", 0.6);
        assertThat(filled).hasSize((int) golden.keySet().stream().filter(key -> key.startsWith("param/")).count());
        filled.forEach((name, array) -> {
            NdArray expected = golden.get("param/" + name);
            assertThat(array.shape()).as(name).isEqualTo(expected.shape());
            for (int i = 0; i < array.shape().size(); i++) {
                assertThat(array.get(i)).as(name).isCloseTo(expected.get(i), within(2e-7));
            }
        });
    }
}

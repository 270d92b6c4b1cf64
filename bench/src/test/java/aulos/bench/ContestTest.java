// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContestTest {

    @Test
    void letsContendersTakeTurnsAndBeFirstInTurn() throws IOException {
        List<String> order = new ArrayList<>();
        Map<String, Synthesis> contenders = new LinkedHashMap<>();
        for (String name : List.of("a", "b")) {
            contenders.put(name, mel -> {
                order.add(name);
                return mel;
            });
        }
        List<Contest.Entry> entries = Contest.run(contenders, new float[1], 1, 2);
        assertThat(String.join("", order)).isEqualTo("ab" + "ba" + "ab" + "ba");
        assertThat(entries).extracting(Contest.Entry::contender).containsExactly("a", "b");
        assertThat(entries.getFirst().speedup()).isEqualTo(1);
        assertThat(entries).allSatisfy(entry -> assertThat(entry.seconds()).hasSize(2));
    }

    @Test
    void timesNothingThatComputesSomethingElse() {
        for (float[] wrong : new float[][] {{0.5f}, {Float.NaN}, {1, 1}}) {
            Map<String, Synthesis> contenders = new LinkedHashMap<>();
            contenders.put("right", mel -> mel);
            contenders.put("wrong", mel -> wrong);
            assertThatIllegalStateException().isThrownBy(() -> Contest.run(contenders, new float[] {1}, 0, 1))
                    .withMessageStartingWith("wrong: its audio differs from that of right by ");
        }
    }

    @Test
    void interpolatesQuantiles() {
        double[] values = {4, 1, 3, 2};
        assertThat(Contest.quantile(values, 0.5)).isEqualTo(2.5);
        assertThat(Contest.quantile(values, 0.25)).isCloseTo(1.75, within(1e-12));
        assertThat(Contest.quantile(values, 1)).isEqualTo(4);
    }
}

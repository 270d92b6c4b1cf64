// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.hifigan.model.HifiGanConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomWeightsTest {

    @Test
    void giveAudioThatNeitherVanishesNorSaturates() {
        HifiGanConfig config = HifiGanConfig.V2;
        double[][] mel = new double[config.mel().mels()][2];
        float[] values = RandomWeights.mel(config, 2);
        for (int i = 0; i < values.length; i++) {
            mel[i / 2][i % 2] = values[i];
        }
        double[] audio = new NaiveGenerator(config, RandomWeights.of(config)).audio(mel);
        double rms = Math.sqrt(Arrays.stream(audio).map(x -> x * x).average().orElseThrow());
        assertThat(rms).isBetween(0.02, 0.7);
    }
}

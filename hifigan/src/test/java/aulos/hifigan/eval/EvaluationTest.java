// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.hifigan.model.HifiGanConfig;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    private static final int RATE = 22_050;

    private static Backend backend;
    private static Evaluation evaluation;

    @BeforeAll
    static void open() {
        backend = Backends.open("cpu");
        evaluation = new Evaluation(HifiGanConfig.V1, backend);
    }

    @AfterAll
    static void close() {
        evaluation.close();
        backend.close();
    }

    /** A buzz with noise enough to keep every band off the floor. */
    private static float[] voice(double hz) {
        float[] buzz = Tones.harmonics(RATE, 0.5, t -> hz, 1, 60);
        return Tones.sum(buzz, Tones.noise(buzz.length, 0.02, 4));
    }

    @Test
    void aCopyIsPerfect() {
        float[] voice = voice(120);
        assertThat(evaluation.score(voice, voice)).isEqualTo(new Scores(0, new StftDistance(0, 0), 0, 0.0, 0));
    }

    @Test
    void halfTheLevelIsOneLogarithmAway() {
        float[] voice = voice(120);
        Scores scores = evaluation.score(voice, Tones.scaled(voice, 0.5));
        assertThat(scores.melError()).isCloseTo(Math.log(2), within(1e-3));
        assertThat(scores.mcdDb()).isCloseTo(0, within(1e-3));
        assertThat(scores.f0RmseCents()).isCloseTo(0, within(1e-6));
        assertThat(scores.voicingError()).isZero();
    }

    @Test
    void aSemitoneIsAHundredCents() {
        Scores scores = evaluation.score(voice(120), voice(120 * Math.pow(2, 1 / 12.0)));
        assertThat(scores.f0RmseCents()).isCloseTo(100, within(2.0));
        assertThat(scores.melError()).isPositive();
    }

    @Test
    void theLongerClipIsCut() {
        float[] voice = voice(120);
        float[] shorter = Arrays.copyOf(voice, voice.length - 2000);
        assertThat(evaluation.score(voice, shorter)).isEqualTo(evaluation.score(shorter, voice))
                .extracting(Scores::melError).isEqualTo(0.0);
        assertThatThrownBy(() -> evaluation.score(voice, Arrays.copyOf(voice, voice.length / 2)))
                .hasMessage("evaluation: the reference has 0.500 s, the generated audio 0.250 s, expected a difference "
                        + "of at most 0.100 s");
    }

    @Test
    void refusesWhatCannotBeMeasured() {
        assertThatThrownBy(() -> evaluation.score(new float[1000], new float[1000]))
                .hasMessage("evaluation: a clip has 1000 samples, expected at least 1025");
        float[] broken = new float[2000];
        broken[1500] = Float.POSITIVE_INFINITY;
        assertThatThrownBy(() -> evaluation.score(new float[2000], broken))
                .hasMessage("evaluation: sample 1500 of the generated audio is Infinity, expected a finite value");
    }

    @Test
    void silenceHasNoPitchError() {
        Scores scores = evaluation.score(new float[4000], new float[4000]);
        assertThat(scores).isEqualTo(new Scores(0, new StftDistance(0, 0), 0, null, 0));
        Scores other = new Scores(1, new StftDistance(2, 4), 6, 8.0, 0.5);
        assertThat(Scores.mean(List.of(scores, other)))
                .isEqualTo(new Scores(0.5, new StftDistance(1, 2), 3, 8.0, 0.25));
    }
}

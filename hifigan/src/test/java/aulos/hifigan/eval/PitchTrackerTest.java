// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PitchTrackerTest {
    private static final int RATE = 22_050;
    /** Frames at each end, which the window only half covers. */
    private static final int MARGIN = 4;

    @ParameterizedTest
    @CsvSource({"65, 22050", "100, 8000", "110.5, 22050", "220, 16000", "333.3, 44100", "480, 22050", "147, 48000"})
    void findsTheFundamental(double hz, int rate) {
        requireEverywhere(hz, 5, rate, Tones.harmonics(rate, 0.3, t -> hz, 1, 1));
        requireEverywhere(hz, 5, rate, Tones.harmonics(rate, 0.3, t -> hz, 1, 20));
    }

    /** The ear hears a fundamental that is not there, and so does the tracker. */
    @Test
    void findsAMissingFundamental() {
        requireEverywhere(150, 5, RATE, Tones.harmonics(RATE, 0.3, t -> 150, 3, 12));
    }

    @Test
    void findsTheFundamentalInNoise() {
        float[] tone = Tones.harmonics(RATE, 0.5, t -> 130, 1, 10);
        float[] noisy = Tones.sum(tone, Tones.noise(tone.length, 0.1, 1));
        requireEverywhere(130, 40, RATE, noisy);
    }

    private static void requireEverywhere(double hz, double cents, int rate, float[] samples) {
        double[] track = new PitchTracker(rate).track(samples);
        double bound = hz * (Math.pow(2, cents / 1200) - 1);
        for (int i = MARGIN; i < track.length - MARGIN; i++) {
            assertThat(track[i]).as("frame %d of %d", i, track.length).isCloseTo(hz, within(bound));
        }
    }

    @Test
    void followsVibrato() {
        DoubleUnaryOperator hz = t -> 200 * Math.pow(2, 0.5 / 12 * Math.sin(2 * Math.PI * 5.5 * t));
        double[] track = new PitchTracker(RATE).track(Tones.harmonics(RATE, 1, hz, 1, 15));
        double[] truth = new double[track.length];
        int hop = RATE / 100;
        for (int i = 0; i < truth.length; i++) {
            truth[i] = hz.applyAsDouble((double) (i * hop) / RATE);
        }
        PitchError error = PitchError.of(Arrays.copyOfRange(truth, MARGIN, truth.length - MARGIN),
                Arrays.copyOfRange(track, MARGIN, track.length - MARGIN));
        assertThat(error.voicingError()).isZero();
        assertThat(error.rmseCents()).isLessThan(10);
    }

    @Test
    void noiseAndSilenceHaveNoPitch() {
        double[] noise = new PitchTracker(RATE).track(Tones.noise(2 * RATE, 0.5, 7));
        assertThat(Arrays.stream(noise).filter(hz -> hz > 0).count()).isLessThan(noise.length / 20);
        assertThat(new PitchTracker(RATE).track(new float[RATE])).containsOnly(0);
    }

    @Test
    void tellsWhereTheVoiceEndsAndIgnoresHum() {
        float[] samples = Tones.scaled(Tones.harmonics(RATE, 1, t -> 100, 1, 10), 1e-4);
        System.arraycopy(Tones.harmonics(RATE, 0.5, t -> 180, 1, 10), 0, samples, 0, RATE / 2);
        double[] track = new PitchTracker(RATE).track(samples);
        assertThat(Arrays.copyOfRange(track, MARGIN, 48)).doesNotContain(0);
        assertThat(Arrays.copyOfRange(track, 54, 100)).containsOnly(0);
    }

    @Test
    void comparesTracks() {
        PitchError error = PitchError.of(new double[] {100, 100, 0, 0, 50}, new double[] {200, 100, 0, 70, 0});
        assertThat(error.rmseCents()).isCloseTo(1200 / Math.sqrt(2), within(1e-9));
        assertThat(error.voicingError()).isEqualTo(0.4);
        assertThat(PitchError.of(new double[] {0, 100}, new double[] {100, 0}).rmseCents()).isNull();
    }

    @Test
    void refusesRatesThatAreTooLow() {
        assertThatThrownBy(() -> new PitchTracker(2000))
                .hasMessage("pitch: sampling rate 2000 Hz, expected at least 4000");
    }
}

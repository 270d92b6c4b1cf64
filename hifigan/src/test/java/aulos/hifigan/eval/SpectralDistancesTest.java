// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import aulos.hifigan.audio.HannWindow;
import aulos.hifigan.loss.StftLoss;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpectralDistancesTest {
    private static final int MELS = 80;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 6})
    void transformIsThatOfTheDefinition(int frame) {
        float[] samples = Tones.noise(100, 1, 3);
        Stft stft = new Stft(32, 16, 20);
        assertThat(stft.frames(samples.length)).isEqualTo(7);
        double[] power = new double[stft.bins()];
        stft.power(samples, frame, power);
        double[] window = HannWindow.periodic(20);
        for (int k = 0; k <= 16; k++) {
            double re = 0;
            double im = 0;
            for (int i = 0; i < 20; i++) {
                int at = frame * 16 - 16 + 6 + i;
                double value = window[i] * samples[at < 0 ? -at : at > 99 ? 198 - at : at];
                re += value * Math.cos(2 * Math.PI * k * (i + 6) / 32);
                im += value * Math.sin(2 * Math.PI * k * (i + 6) / 32);
            }
            assertThat(power[k]).isCloseTo(re * re + im * im, within(1e-10));
        }
    }

    /** A gain g moves every bin alike: ‖S − gS‖/‖S‖ = |1 − g|, and ln S − ln gS = −ln g. */
    @Test
    void stftDistanceOfAGain() {
        float[] noise = Tones.noise(8000, 0.9, 5);
        StftDistance distance = StftDistance.of(noise, Tones.scaled(noise, 0.8));
        assertThat(distance.spectralConvergence()).isCloseTo(0.2, within(1e-5));
        assertThat(distance.logMagnitude()).isCloseTo(-Math.log(0.8), within(1e-4));
        assertThat(distance.total()).isEqualTo(distance.spectralConvergence() + distance.logMagnitude());
        assertThat(StftDistance.of(noise, noise).total()).isZero();
        assertThat(StftDistance.of(noise, new float[8000]).spectralConvergence()).isCloseTo(1, within(1e-2));
        assertThat(StftDistance.of(new float[2000], new float[2000]).total()).isZero();
    }

    /** The loss of training is this distance, and its gradient is the slope in a random direction. */
    @Test
    void stftLossIsTheDistance() {
        float[] real = Tones.sum(Tones.noise(2500, 0.1, 1), Tones.harmonics(8000, 2500 / 8000.0, t -> 200, 1, 9));
        float[] fake = Tones.noise(2500, 0.3, 2);
        double[] direction = new SplittableRandom(3).doubles(2500, -1e-6, 1e-6).toArray();
        try (Backend backend = new ReferenceBackend(); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor y = Tensor.of(backend, NdArray.of(Shape.of(1, 2500), real));
            NdArray found = NdArray.of(Shape.of(1, 2500), fake);
            Tensor generated = Tensor.of(backend, found);
            Tensor loss = StftLoss.of(y, generated);
            assertThat(loss.item()).isCloseTo(StftDistance.of(real, fake).total(), within(1e-9));
            double before = StftLoss.of(y, Tensor.of(backend, moved(found, direction, -1))).item();
            double after = StftLoss.of(y, Tensor.of(backend, moved(found, direction, 1))).item();
            NdArray gradient = tape.gradients(loss, List.of(generated)).of(generated).toArray();
            double slope = 0;
            for (int i = 0; i < direction.length; i++) {
                slope += gradient.get(i) * direction[i];
            }
            assertThat(slope).isNotZero().isCloseTo((after - before) / 2, within(1e-4 * Math.abs(slope)));
        }
    }

    /** Where both are silent the loss and its slope are 0. */
    @Test
    void stftLossOfSilence() {
        try (Backend backend = new ReferenceBackend(); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor silence = Tensor.of(backend, NdArray.of(Shape.of(1, 2000), new float[2000]));
            Tensor loss = StftLoss.of(silence, silence);
            assertThat(loss.item()).isCloseTo(0, within(1e-3));
            assertThat(tape.gradients(loss, List.of(silence)).of(silence).toArray().floats()).containsOnly(0);
        }
    }

    private static NdArray moved(NdArray from, double[] direction, int sign) {
        double[] values = new double[direction.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = from.get(i) + sign * direction[i];
        }
        return NdArray.of(from.shape(), values);
    }

    @Test
    void mcdOfARippleIsItsRms() {
        double decibels = 20 / Math.log(10);
        assertThat(mcd(n -> Math.cos(Math.PI * 3 * (n + 0.5) / MELS))).isCloseTo(decibels / Math.sqrt(2), within(1e-6));
        assertThat(mcd(n -> 0.3 * Math.cos(Math.PI * 24 * (n + 0.5) / MELS)))
                .isCloseTo(0.3 * decibels / Math.sqrt(2), within(1e-6));
    }

    @Test
    void mcdIgnoresLevelAndFineStructure() {
        assertThat(mcd(n -> 2)).isCloseTo(0, within(1e-6));
        assertThat(mcd(n -> Math.cos(Math.PI * 25 * (n + 0.5) / MELS))).isCloseTo(0, within(1e-6));
    }

    /** Two frames that both differ by a function of the band. */
    private static double mcd(DoubleUnaryOperator difference) {
        double[] real = new double[2 * MELS];
        double[] fake = new double[2 * MELS];
        for (int n = 0; n < MELS; n++) {
            real[2 * n] = real[2 * n + 1] = -n / 10.0;
            fake[2 * n] = fake[2 * n + 1] = real[2 * n] + difference.applyAsDouble(n);
        }
        return MelCepstralDistortion.of(NdArray.of(Shape.of(MELS, 2), real), NdArray.of(Shape.of(MELS, 2), fake));
    }
}

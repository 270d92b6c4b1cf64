// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.loss;

import aulos.engine.Tape;
import aulos.engine.Tensor;
import java.util.List;

/**
 * The multi-resolution STFT loss of R. Yamamoto, E. Song and J.-M. Kim, "Parallel WaveGAN" (ICASSP 2020), equations 3 to 6,
 * which HiFi-GAN does without: the mean over three resolutions of spectral convergence, ‖S − Ŝ‖ / ‖S‖ (Frobenius norms,
 * over all of the batch), and log magnitude, mean |ln S − ln Ŝ|. S = √max(re² + im², 1e-7); frames are centred, under a
 * periodic Hann window, the signal reflected at both ends. Its bins are narrower than mel bands where those are wide, so it
 * sees the harmonics of a voice up to high frequencies.
 */
public final class StftLoss {
    /** Shortest audio that the largest transform can be centred in, in samples. */
    public static final int MINIMUM_SAMPLES = 1025;

    /** Of re² + im². */
    public static final double POWER_FLOOR = 1e-7;

    /** The square root has no slope at 0, where both signals are silent. */
    private static final double SQUARE_FLOOR = 1e-12;

    /** In samples, whatever the sampling rate. */
    public record Resolution(int fftSize, int hop, int window) {}

    /** The paper's, chosen for 24 kHz. */
    public static final List<Resolution> RESOLUTIONS = List.of(
            new Resolution(512, 50, 240), new Resolution(1024, 120, 600), new Resolution(2048, 240, 1200));

    private StftLoss() {}

    /**
     * Both parts, summed, unweighted.
     *
     * @param real audio y [B, T], which the gradient takes as constant; T is at least {@link #MINIMUM_SAMPLES}
     * @param fake generated audio ŷ, of the same shape
     * @return a scalar
     */
    public static Tensor of(Tensor real, Tensor fake) {
        Tensor sum = null;
        for (Resolution resolution : RESOLUTIONS) {
            Tensor loss = Tape.labelled("stft", () -> at(resolution, real, fake));
            sum = sum == null ? loss : sum.add(loss);
        }
        return sum.mul(1.0 / RESOLUTIONS.size());
    }

    private static Tensor at(Resolution resolution, Tensor real, Tensor fake) {
        Tensor expected = Tape.paused(() -> magnitude(resolution, real));
        Tensor found = magnitude(resolution, fake);
        Tensor norm = expected.square().sum().sqrt();
        Tensor convergence = expected.sub(found).square().sum().clampMin(SQUARE_FLOOR).sqrt().div(norm);
        return convergence.add(expected.log().meanAbsoluteError(found.log()));
    }

    /** S of audio [B, T]: [B, frames, bins]. */
    private static Tensor magnitude(Resolution resolution, Tensor audio) {
        int bins = resolution.fftSize / 2 + 1;
        Tensor spectrum = audio.reflectPad(resolution.fftSize / 2, resolution.fftSize / 2)
                .frame(resolution.fftSize, resolution.hop).realDft(resolution.window);
        return spectrum.slice(-1, 0, bins).square().add(spectrum.slice(-1, bins, 2 * bins).square())
                .clampMin(POWER_FLOOR).sqrt();
    }
}

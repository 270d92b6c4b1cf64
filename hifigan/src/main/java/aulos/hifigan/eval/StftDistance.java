// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import aulos.hifigan.loss.StftLoss;

/**
 * The multi-resolution STFT distance of R. Yamamoto, E. Song and J.-M. Kim, "Parallel WaveGAN" (ICASSP 2020), equations 5
 * to 7, each part a mean over three resolutions. With S = √max(re² + im², 1e-7), reference S and generated Ŝ:
 *
 * <pre>spectral convergence = ‖S − Ŝ‖ / ‖S‖   (Frobenius norms)
 * log magnitude        = mean |ln S − ln Ŝ|</pre>
 *
 * The resolutions are counted in samples, whatever the sampling rate; they were chosen for 24 kHz.
 */
public record StftDistance(double spectralConvergence, double logMagnitude) {
    /** Shortest clip that the largest transform can be centred in, in samples. */
    static final int MINIMUM_SAMPLES = StftLoss.MINIMUM_SAMPLES;

    /** The sum of both parts. */
    public double total() {
        return spectralConvergence + logMagnitude;
    }

    /** Of two clips of the same length, at least {@link #MINIMUM_SAMPLES} samples. */
    static StftDistance of(float[] reference, float[] generated) {
        double convergence = 0;
        double magnitude = 0;
        for (StftLoss.Resolution resolution : StftLoss.RESOLUTIONS) {
            StftDistance distance = at(resolution, reference, generated);
            convergence += distance.spectralConvergence / StftLoss.RESOLUTIONS.size();
            magnitude += distance.logMagnitude / StftLoss.RESOLUTIONS.size();
        }
        return new StftDistance(convergence, magnitude);
    }

    private static StftDistance at(StftLoss.Resolution resolution, float[] reference, float[] generated) {
        Stft stft = new Stft(resolution.fftSize(), resolution.hop(), resolution.window());
        double[] real = new double[stft.bins()];
        double[] fake = new double[stft.bins()];
        double squaredDifference = 0;
        double squaredNorm = 0;
        double logDifference = 0;
        int frames = stft.frames(reference.length);
        for (int frame = 0; frame < frames; frame++) {
            stft.power(reference, frame, real);
            stft.power(generated, frame, fake);
            for (int k = 0; k < real.length; k++) {
                double realPower = Math.max(real[k], StftLoss.POWER_FLOOR);
                double fakePower = Math.max(fake[k], StftLoss.POWER_FLOOR);
                double difference = Math.sqrt(realPower) - Math.sqrt(fakePower);
                squaredDifference += difference * difference;
                squaredNorm += realPower;
                logDifference += Math.abs(0.5 * Math.log(realPower / fakePower));
            }
        }
        return new StftDistance(Math.sqrt(squaredDifference / squaredNorm),
                logDifference / ((double) frames * stft.bins()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import aulos.engine.NdArray;

/**
 * Mel-cepstral distortion after R. Kubichek, "Mel-cepstral distance measure for objective speech quality assessment"
 * (1993), in dB, frame by frame without time warping. The cepstrum is a cosine transform of the log-mel spectrum φ:
 *
 * <pre>c[m] = 2/N · Σₙ φ[n] · cos(π·m·(n + ½)/N),   m = 1 … 24,   N mel bands
 * MCD  = 10/ln 10 · mean over frames of √(2·Σₘ (c[m] − ĉ[m])²)</pre>
 *
 * so a frame's distortion is the RMS difference, in dB over the mel scale, of the smoothed spectra with their levels
 * removed (c[0] is left out). Figures from other programs, most of which take the spectrum from WORLD or warp an FFT
 * cepstrum, cannot be compared with these.
 */
final class MelCepstralDistortion {
    private static final int ORDER = 24;
    private static final double DECIBELS = 10 / Math.log(10);

    private MelCepstralDistortion() {}

    /**
     * Of log-mels [mels, frames] of the same shape, natural logarithm of magnitudes; with fewer than 25 mels the order is
     * mels − 1.
     */
    static double of(NdArray reference, NdArray generated) {
        int mels = reference.shape().dim(0);
        int frames = reference.shape().dim(1);
        int order = Math.min(ORDER, mels - 1);
        double[] cosines = new double[order * mels];
        for (int m = 1; m <= order; m++) {
            for (int n = 0; n < mels; n++) {
                cosines[(m - 1) * mels + n] = 2.0 / mels * Math.cos(Math.PI * m * (n + 0.5) / mels);
            }
        }
        double sum = 0;
        for (int frame = 0; frame < frames; frame++) {
            double squares = 0;
            for (int m = 0; m < order; m++) {
                // The transform is linear: that of the difference is the difference of the cepstra.
                double difference = 0;
                for (int n = 0; n < mels; n++) {
                    int at = n * frames + frame;
                    difference += cosines[m * mels + n] * (reference.get(at) - generated.get(at));
                }
                squares += difference * difference;
            }
            sum += Math.sqrt(2 * squares);
        }
        return DECIBELS * sum / frames;
    }
}

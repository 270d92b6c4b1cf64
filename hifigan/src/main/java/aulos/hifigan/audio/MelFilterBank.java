// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import aulos.engine.NdArray;
import aulos.engine.Shape;

/**
 * Triangular filters that are evenly spaced on Slaney's mel scale and have equal area: what librosa calls
 * {@code filters.mel(htk=False, norm="slaney")}. The scale is from M. Slaney, "Auditory Toolbox" (1998): linear below
 * 1 kHz, logarithmic above.
 */
public final class MelFilterBank {
    private static final double HZ_PER_MEL = 200.0 / 3;
    private static final double KNEE_HZ = 1000;
    private static final double KNEE_MEL = KNEE_HZ / HZ_PER_MEL;
    private static final double LOG_STEP = Math.log(6.4) / 27;

    private MelFilterBank() {}

    /**
     * The matrix that turns a one-sided magnitude spectrum into mels.
     *
     * <pre>w[m, k] = max(0, min((f[k] − c[m]) / (c[m+1] − c[m]), (c[m+2] − f[k]) / (c[m+2] − c[m+1])))
     *           · 2 / (c[m+2] − c[m])</pre>
     *
     * with f[k] = k·sampleRate/nFft and c the mels + 2 corner frequencies.
     *
     * @param sampleRate in Hz
     * @param fMin the first corner, in Hz
     * @param fMax the last corner, in Hz; null: half the sampling rate
     * @return float64 [mels, nFft/2 + 1]
     * @throws IllegalArgumentException if a number is not positive or the corners are not in order
     */
    public static NdArray slaney(int sampleRate, int nFft, int mels, double fMin, Double fMax) {
        double top = fMax == null ? sampleRate / 2.0 : fMax;
        if (sampleRate < 1 || nFft < 2 || mels < 1) {
            throw new IllegalArgumentException("mel filters: " + mels + " mels, n_fft " + nFft + ", sampling rate "
                    + sampleRate + ", expected at least 1, 2, 1");
        }
        if (!(fMin >= 0 && fMin < top && top < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("mel filters: fmin " + fMin + " and fmax " + top
                    + " Hz, expected 0 ≤ fmin < fmax");
        }
        double first = melOf(fMin);
        double last = melOf(top);
        double[] corners = new double[mels + 2];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = hzOf(first + (last - first) * i / (mels + 1));
        }
        int bins = nFft / 2 + 1;
        double[] weights = new double[mels * bins];
        for (int m = 0; m < mels; m++) {
            double left = corners[m];
            double peak = corners[m + 1];
            double right = corners[m + 2];
            for (int k = 0; k < bins; k++) {
                double f = (double) k * sampleRate / nFft;
                double height = Math.min((f - left) / (peak - left), (right - f) / (right - peak));
                weights[m * bins + k] = Math.max(0, height) * 2 / (right - left);
            }
        }
        return NdArray.of(Shape.of(mels, bins), weights);
    }

    private static double melOf(double hz) {
        return hz < KNEE_HZ ? hz / HZ_PER_MEL : KNEE_MEL + Math.log(hz / KNEE_HZ) / LOG_STEP;
    }

    private static double hzOf(double mel) {
        return mel < KNEE_MEL ? mel * HZ_PER_MEL : KNEE_HZ * Math.exp(LOG_STEP * (mel - KNEE_MEL));
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.hifigan.audio.MelFilterBank;
import aulos.hifigan.model.MelConfig;

/**
 * The magnitude spectrum s ≥ 0 that comes closest to given mels m = W·s, in the least squares sense: fewer mels than
 * frequencies, so one of many. By the multiplicative updates of D. D. Lee and H. S. Seung, "Algorithms for non-negative
 * matrix factorization" (2000), from a flat start:
 *
 * <pre>s ← s ∘ (Wᵀm) / (Wᵀ(W·s))</pre>
 */
final class MelInversion {
    private static final int UPDATES = 100;
    /** Keeps 0/0 from arising where no filter reaches; the spectrum is 0 there. */
    private static final double TINY = 1e-30;

    private final int mels;
    private final int bins;
    private final double[] filters;
    /** Of each mel, the first and last + 1 frequency that its filter lets through. */
    private final int[] from;
    private final int[] to;

    MelInversion(MelConfig config) {
        mels = config.mels();
        bins = config.fftSize() / 2 + 1;
        filters = MelFilterBank.slaney(config.samplingRate(), config.fftSize(), mels, config.fmin(), config.fmax())
                .doubles();
        from = new int[mels];
        to = new int[mels];
        for (int m = 0; m < mels; m++) {
            from[m] = bins;
            for (int k = 0; k < bins; k++) {
                if (filters[m * bins + k] > 0) {
                    from[m] = Math.min(from[m], k);
                    to[m] = k + 1;
                }
            }
        }
    }

    /** The magnitudes [n_fft/2 + 1] of one frame of log-mels [mels, frames]. */
    double[] magnitudes(NdArray logMels, int frame) {
        int frames = logMels.shape().dim(1);
        double[] target = new double[mels];
        for (int m = 0; m < mels; m++) {
            target[m] = Math.exp(logMels.get(m * frames + frame));
        }
        double[] wanted = adjoint(target);
        double[] magnitudes = new double[bins];
        for (int k = 0; k < bins; k++) {
            magnitudes[k] = wanted[k] > 0 ? 1 : 0;
        }
        for (int update = 0; update < UPDATES; update++) {
            double[] got = adjoint(apply(magnitudes));
            for (int k = 0; k < bins; k++) {
                magnitudes[k] *= wanted[k] / (got[k] + TINY);
            }
        }
        return magnitudes;
    }

    /** W·s. */
    double[] apply(double[] magnitudes) {
        double[] result = new double[mels];
        for (int m = 0; m < mels; m++) {
            for (int k = from[m]; k < to[m]; k++) {
                result[m] += filters[m * bins + k] * magnitudes[k];
            }
        }
        return result;
    }

    /** Wᵀm. */
    private double[] adjoint(double[] values) {
        double[] result = new double[bins];
        for (int m = 0; m < mels; m++) {
            for (int k = from[m]; k < to[m]; k++) {
                result[k] += filters[m * bins + k] * values[m];
            }
        }
        return result;
    }
}

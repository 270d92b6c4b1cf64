// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.loss;

import aulos.engine.Tensor;

/** The mel-spectrogram loss (paper, equation 3): 45·mean|φ(y) − φ(ŷ)|. */
public final class MelLoss {
    /** The paper's λ_mel. */
    public static final double WEIGHT = 45;

    private MelLoss() {}

    /**
     * The unweighted error, mean|φ(y) − φ(ŷ)|: the figure that tells quality.
     *
     * @param real log-mels of the real audio [B, mels, frames]
     * @param fake log-mels of the generated audio, of the same shape
     * @return a scalar
     */
    public static Tensor error(Tensor real, Tensor fake) {
        return real.meanAbsoluteError(fake);
    }
}

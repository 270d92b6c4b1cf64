// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import java.util.Optional;

/**
 * What only training looks at, and only training checks: {@link HifiGanConfig#requireTrainable}.
 *
 * @param batchSize {@code batch_size}: segments in a step
 * @param learningRate {@code learning_rate} of the first epoch
 * @param beta1 {@code adam_b1}: decay of AdamW's mean gradient
 * @param beta2 {@code adam_b2}: decay of AdamW's mean squared gradient
 * @param learningRateDecay {@code lr_decay}: factor on the learning rate after every epoch
 * @param seed {@code seed} of initialisation, shuffling and cropping
 * @param segmentSize {@code segment_size}: samples in a segment; a part of a frame counts as a whole one
 * @param fmaxForLoss {@code fmax_for_loss}: upper edge of the mel loss's highest band, in Hz
 */
public record TrainingConfig(
        int batchSize,
        double learningRate,
        double beta1,
        double beta2,
        double learningRateDecay,
        long seed,
        int segmentSize,
        double fmaxForLoss) {

    /** Frames in the paper's segments: 8192 samples with a hop of 256. */
    private static final int USUAL_SEGMENT_FRAMES = 32;

    /** @throws IllegalArgumentException if a value is out of range; names the key and the value */
    void require(MelConfig mel) {
        Bounds.check("batch_size", batchSize, 1, 1 << 16);
        Bounds.check("learning_rate", learningRate, 0, 1);
        Bounds.check("adam_b1", beta1, 0, Math.nextDown(1.0));
        Bounds.check("adam_b2", beta2, 0, Math.nextDown(1.0));
        Bounds.check("lr_decay", learningRateDecay, 0, 1);
        Bounds.check("seed", seed, Integer.MIN_VALUE + 1, Integer.MAX_VALUE);
        Bounds.check("segment_size", segmentSize, 1, 1 << 26);
        mel.checkFmax("fmax_for_loss", fmaxForLoss);
    }

    /** Frames in a segment, rounded up as in the official fine-tuning. */
    public int segmentFrames(MelConfig mel) {
        return Math.ceilDiv(segmentSize, mel.hopSize());
    }

    /** A line for people if {@code fmax_for_loss} is above what the sampling rate can hold. */
    public Optional<String> warning(MelConfig mel) {
        return mel.warning("fmax_for_loss", fmaxForLoss);
    }

    /** The paper's values, with its 32 frames in a segment and the mel loss up to half the sampling rate. */
    public static TrainingConfig usual(MelConfig mel) {
        return new TrainingConfig(
                16, 2e-4, 0.8, 0.99, 0.999, 1234, USUAL_SEGMENT_FRAMES * mel.hopSize(), mel.nyquist());
    }
}

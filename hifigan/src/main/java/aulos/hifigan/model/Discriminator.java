// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Tensor;
import aulos.engine.nn.Layer;
import aulos.engine.nn.Weights;
import java.util.List;

/** A discriminator made of several that look at the audio in different ways. */
public abstract sealed class Discriminator extends Layer
        permits MultiPeriodDiscriminator, MultiScaleDiscriminator {

    Discriminator(Weights weights) {
        super(weights);
    }

    /**
     * @param audio [B, 1, T]
     * @return one judgement per sub-discriminator
     */
    public abstract List<Judgement> judge(Tensor audio);

    /**
     * The scores of real and of generated audio, those that {@link #judge} gives to the one and then to the other. Where
     * both meet the same weights they pass through together, so each weight is read once.
     *
     * @param real [B, 1, T]
     * @param generated [B, 1, T]
     */
    public abstract Scores scores(Tensor real, Tensor generated);

    /**
     * The judgements of real and of generated audio, those that {@link #judge} gives to the one and then to the other, of
     * which a tape records only the latter. Where both meet the same weights, each layer sees both before the next one
     * does, so each weight is read once here as well.
     *
     * @param real [B, 1, T]
     * @param generated [B, 1, T]
     */
    public abstract Comparison compare(Tensor real, Tensor generated);
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.loss;

import aulos.engine.Tensor;
import aulos.hifigan.model.Judgement;
import java.util.ArrayList;
import java.util.List;

/** The least-squares adversarial losses (paper, equations 1 and 2; Mao et al., arXiv 1611.04076). */
public final class AdversarialLoss {
    private AdversarialLoss() {}

    /**
     * What the discriminator minimises, one scalar for each sub-discriminator: mean((1 − D(y))²) + mean(D(ŷ)²).
     *
     * @param real judgements of real audio y
     * @param fake judgements of generated audio ŷ, in the same order
     */
    public static List<Tensor> discriminator(List<Judgement> real, List<Judgement> fake) {
        List<Tensor> losses = new ArrayList<>();
        for (int i = 0; i < real.size(); i++) {
            Tensor realLoss = distanceToOne(real.get(i));
            losses.add(realLoss.add(fake.get(i).score().square().mean()));
        }
        return losses;
    }

    /** What the generator minimises, one scalar for each sub-discriminator: mean((1 − D(ŷ))²). */
    public static List<Tensor> generator(List<Judgement> fake) {
        return fake.stream().map(AdversarialLoss::distanceToOne).toList();
    }

    private static Tensor distanceToOne(Judgement judgement) {
        return judgement.score().neg().add(1).square().mean();
    }
}

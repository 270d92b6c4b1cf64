// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.loss;

import aulos.engine.Tensor;
import aulos.hifigan.model.Judgement;
import aulos.hifigan.model.Scores;
import java.util.ArrayList;
import java.util.List;

/** The least-squares adversarial losses (paper, equations 1 and 2; Mao et al., arXiv 1611.04076). */
public final class AdversarialLoss {
    private AdversarialLoss() {}

    /**
     * What the discriminator minimises, one scalar for each sub-discriminator: mean((1 − D(y))²) + mean(D(ŷ)²).
     *
     * @param scores D(y) and D(ŷ)
     */
    public static List<Tensor> discriminator(Scores scores) {
        List<Tensor> losses = new ArrayList<>();
        for (int i = 0; i < scores.real().size(); i++) {
            Tensor realLoss = distanceToOne(scores.real().get(i));
            losses.add(realLoss.add(scores.generated().get(i).square().mean()));
        }
        return losses;
    }

    /** What the generator minimises, one scalar for each sub-discriminator: mean((1 − D(ŷ))²). */
    public static List<Tensor> generator(List<Judgement> fake) {
        return fake.stream().map(judgement -> distanceToOne(judgement.score())).toList();
    }

    private static Tensor distanceToOne(Tensor score) {
        return score.neg().add(1).square().mean();
    }
}

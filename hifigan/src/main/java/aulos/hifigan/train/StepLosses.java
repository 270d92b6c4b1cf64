// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.loss.MelLoss;
import java.util.List;

/**
 * The losses of one training step. Lists hold one value for each sub-discriminator.
 *
 * @param discriminatorMpd least-squares losses of MPD
 * @param discriminatorMsd of MSD
 * @param adversarialMpd the generator's adversarial losses against MPD
 * @param adversarialMsd against MSD
 * @param featureMpd feature matching through MPD, weighted
 * @param featureMsd through MSD
 * @param melError mean|φ(y) − φ(ŷ)|, unweighted
 */
public record StepLosses(
        List<Double> discriminatorMpd,
        List<Double> discriminatorMsd,
        List<Double> adversarialMpd,
        List<Double> adversarialMsd,
        double featureMpd,
        double featureMsd,
        double melError) {

    /** What the discriminators' step minimised. */
    public double discriminatorTotal() {
        return sum(discriminatorMpd) + sum(discriminatorMsd);
    }

    /** What the generator's step minimised, {@code training/gen_loss_total} in the official logs. */
    public double generatorTotal() {
        return sum(adversarialMpd) + sum(adversarialMsd) + featureMpd + featureMsd
                + MelLoss.WEIGHT * melError;
    }

    static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }
}

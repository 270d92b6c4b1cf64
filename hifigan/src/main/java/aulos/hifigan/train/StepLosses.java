// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.loss.MelLoss;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

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
 * @param stft the multi-resolution STFT loss, weighted; 0 if it is not used
 */
public record StepLosses(
        List<Double> discriminatorMpd,
        List<Double> discriminatorMsd,
        List<Double> adversarialMpd,
        List<Double> adversarialMsd,
        double featureMpd,
        double featureMsd,
        double melError,
        double stft) {

    /** Of a step without discriminators. */
    static StepLosses ofReconstruction(double melError, double stft) {
        return new StepLosses(List.of(), List.of(), List.of(), List.of(), 0, 0, melError, stft);
    }

    /** What the discriminators' step minimised. */
    public double discriminatorTotal() {
        return sum(discriminatorMpd) + sum(discriminatorMsd);
    }

    /** What the generator's step minimised, {@code training/gen_loss_total} in the official logs. */
    public double generatorTotal() {
        return sum(adversarialMpd) + sum(adversarialMsd) + featureMpd + featureMsd
                + MelLoss.WEIGHT * melError + stft;
    }

    /** The mean of each loss over several batches. */
    static StepLosses mean(List<StepLosses> parts) {
        return new StepLosses(
                mean(parts, StepLosses::discriminatorMpd), mean(parts, StepLosses::discriminatorMsd),
                mean(parts, StepLosses::adversarialMpd), mean(parts, StepLosses::adversarialMsd),
                parts.stream().mapToDouble(StepLosses::featureMpd).average().orElseThrow(),
                parts.stream().mapToDouble(StepLosses::featureMsd).average().orElseThrow(),
                parts.stream().mapToDouble(StepLosses::melError).average().orElseThrow(),
                parts.stream().mapToDouble(StepLosses::stft).average().orElseThrow());
    }

    private static List<Double> mean(List<StepLosses> parts, Function<StepLosses, List<Double>> values) {
        return IntStream.range(0, values.apply(parts.getFirst()).size())
                .mapToObj(i -> parts.stream().mapToDouble(part -> values.apply(part).get(i)).average().orElseThrow())
                .toList();
    }

    /** Whether the step can be built on: no loss is infinite or NaN. */
    boolean isFinite() {
        return Double.isFinite(generatorTotal()) && Double.isFinite(discriminatorTotal());
    }

    static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }
}

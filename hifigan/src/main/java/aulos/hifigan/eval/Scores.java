// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import java.util.List;
import java.util.Objects;

/**
 * What {@link Evaluation} measures; everything is 0 for a copy of the reference, and less is better.
 *
 * @param melError mean|φ(y) − φ(ŷ)|, φ with {@code fmax_for_loss}: the loss of training, unweighted
 * @param stft multi-resolution STFT distance
 * @param mcdDb mel-cepstral distortion in dB
 * @param f0RmseCents error of the pitch in cents where both are voiced; null if nothing is
 * @param voicingError share of 10 ms frames whose voicing differs, 0 to 1
 */
public record Scores(double melError, StftDistance stft, double mcdDb, Double f0RmseCents, double voicingError) {
    /** The mean of several clips' scores, each clip with the same weight; of pitch, over the clips that have one. */
    public static Scores mean(List<Scores> scores) {
        double count = scores.size();
        double melError = 0;
        double convergence = 0;
        double magnitude = 0;
        double mcd = 0;
        double voicing = 0;
        for (Scores score : scores) {
            melError += score.melError / count;
            convergence += score.stft.spectralConvergence() / count;
            magnitude += score.stft.logMagnitude() / count;
            mcd += score.mcdDb / count;
            voicing += score.voicingError / count;
        }
        List<Double> f0 = scores.stream().map(Scores::f0RmseCents).filter(Objects::nonNull).toList();
        return new Scores(melError, new StftDistance(convergence, magnitude), mcd, f0.isEmpty() ? null
                : f0.stream().mapToDouble(Double::doubleValue).average().orElseThrow(), voicing);
    }
}

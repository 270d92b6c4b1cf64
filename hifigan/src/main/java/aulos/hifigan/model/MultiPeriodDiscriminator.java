// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Tensor;
import aulos.engine.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** MPD: one {@link PeriodDiscriminator} for each of several periods (paper, section 2.3). */
public final class MultiPeriodDiscriminator extends Discriminator {
    /** The paper's periods: primes, so that they overlap as little as can be. */
    public static final List<Integer> PERIODS = List.of(2, 3, 5, 7, 11);

    private final List<PeriodDiscriminator> discriminators = new ArrayList<>();

    /** The paper's: 41,105,770 parameters. */
    public MultiPeriodDiscriminator(Weights weights) {
        this(weights, PERIODS, 1);
    }

    /** With other periods, in samples, and all channel counts divided by {@code widthDivisor}, a divisor of 32. */
    public MultiPeriodDiscriminator(Weights weights, List<Integer> periods, int widthDivisor) {
        super(weights);
        for (int i = 0; i < periods.size(); i++) {
            discriminators.add(child(
                    new PeriodDiscriminator(weights.at("discriminators." + i), periods.get(i), widthDivisor)));
        }
        weights.requireAllTaken();
    }

    @Override
    public List<Judgement> judge(Tensor audio) {
        return discriminators.stream().map(discriminator -> discriminator.judge(audio)).toList();
    }

    @Override
    public Comparison compare(Tensor real, Tensor generated) {
        Comparison comparison = Comparison.none();
        discriminators.forEach(discriminator -> discriminator.compare(real, generated, comparison));
        return comparison;
    }

    @Override
    public Scores scores(Tensor real, Tensor generated) {
        Tensor both = Tensor.concat(0, real, generated);
        Scores scores = Scores.none();
        discriminators.forEach(discriminator -> scores.addHalves(discriminator.judge(both)));
        return scores;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * MSD: three {@link ScaleDiscriminator}s, on the audio, on its average over 4 samples at every second, and on that once
 * more (paper, section 2.3). The first has spectral norm, the others weight norm. Each call to {@link #judge} makes one
 * power iteration, which changes the first one's buffers.
 */
public final class MultiScaleDiscriminator extends Discriminator {
    private static final int SCALES = 3;

    private final List<ScaleDiscriminator> discriminators = new ArrayList<>();

    /** The paper's: 29,618,821 parameters. */
    public MultiScaleDiscriminator(Weights weights) {
        this(weights, 1);
    }

    /** With all channel counts divided by {@code widthDivisor}: 1, 2, 4 or 8, so that 16 groups stay possible. */
    public MultiScaleDiscriminator(Weights weights, int widthDivisor) {
        super(weights);
        for (int i = 0; i < SCALES; i++) {
            WeightForm form = i == 0 ? WeightForm.SPECTRAL_NORM : WeightForm.WEIGHT_NORM;
            discriminators.add(child(
                    new ScaleDiscriminator(weights.at("discriminators." + i), form, widthDivisor)));
        }
        weights.requireAllTaken();
    }

    @Override
    public List<Judgement> judge(Tensor audio) {
        List<Judgement> judgements = new ArrayList<>();
        Tensor scaled = audio;
        for (ScaleDiscriminator discriminator : discriminators) {
            if (!judgements.isEmpty()) {
                scaled = halved(scaled);
            }
            judgements.add(discriminator.judge(scaled));
        }
        return judgements;
    }

    /** The first one's weight differs from call to call by a power iteration, so it sees them apart. */
    @Override
    public Scores scores(Tensor real, Tensor generated) {
        Scores scores = Scores.none();
        ScaleDiscriminator first = discriminators.getFirst();
        scores.real().add(first.judge(real).score());
        scores.generated().add(first.judge(generated).score());
        Tensor both = Tensor.concat(0, real, generated);
        for (ScaleDiscriminator discriminator : discriminators.subList(1, SCALES)) {
            both = halved(both);
            scores.addHalves(discriminator.judge(both));
        }
        return scores;
    }

    /** The first one sees them apart, here too. */
    @Override
    public Comparison compare(Tensor real, Tensor generated) {
        Comparison comparison = Comparison.none();
        ScaleDiscriminator first = discriminators.getFirst();
        comparison.add(Tape.paused(() -> first.judge(real)), first.judge(generated));
        Tensor[] audio = {real, generated};
        for (ScaleDiscriminator discriminator : discriminators.subList(1, SCALES)) {
            Tensor[] before = audio;
            audio = new Tensor[] {Tape.paused(() -> halved(before[0])), halved(before[1])};
            discriminator.compare(audio[0], audio[1], comparison);
        }
        return comparison;
    }

    private static Tensor halved(Tensor audio) {
        return audio.averagePool1d(4, 2, 2);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** {@link Judgement#score} of each sub-discriminator for real and for generated audio. */
public record Scores(List<Tensor> real, List<Tensor> generated) {

    /** The scores of two lists of judgements in the same order. */
    public static Scores of(List<Judgement> real, List<Judgement> generated) {
        return new Scores(real.stream().map(Judgement::score).toList(),
                generated.stream().map(Judgement::score).toList());
    }

    static Scores none() {
        return new Scores(new ArrayList<>(), new ArrayList<>());
    }

    /** Adds one whose first half of the batch is real. */
    void addHalves(Judgement both) {
        Tensor score = both.score();
        int batch = score.shape().dim(0);
        real.add(score.slice(0, 0, batch / 2));
        generated.add(score.slice(0, batch / 2, batch));
    }
}

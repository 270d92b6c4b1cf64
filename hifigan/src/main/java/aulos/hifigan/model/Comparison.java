// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import java.util.ArrayList;
import java.util.List;

/**
 * What the sub-discriminators make of real and of generated audio.
 *
 * @param real one judgement per sub-discriminator; constant to a tape
 * @param generated those of generated audio in the same order
 */
public record Comparison(List<Judgement> real, List<Judgement> generated) {

    static Comparison none() {
        return new Comparison(new ArrayList<>(), new ArrayList<>());
    }

    void add(Judgement ofReal, Judgement ofGenerated) {
        real.add(ofReal);
        generated.add(ofGenerated);
    }
}

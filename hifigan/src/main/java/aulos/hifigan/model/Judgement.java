// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Tensor;
import java.util.List;

/**
 * What one sub-discriminator makes of audio.
 *
 * @param featureMaps the output of each of its layers, the score's last; [B, C, T′], or for a period p [B·p, C, T′]
 */
public record Judgement(List<Tensor> featureMaps) {

    /** The last layer's output: one number per place that was judged. */
    public Tensor score() {
        return featureMaps.getLast();
    }
}

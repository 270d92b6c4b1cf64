// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.loss;

import aulos.engine.Tensor;
import aulos.hifigan.model.Judgement;
import java.util.List;

/**
 * Feature matching (paper, equation 4): 2·Σ mean|f(y) − f(ŷ)| over all feature maps of all sub-discriminators, the score
 * included as in the official code.
 */
public final class FeatureMatchingLoss {
    private static final double WEIGHT = 2;

    private FeatureMatchingLoss() {}

    /**
     * @param real judgements of real audio y, which the gradient takes as constant
     * @param fake judgements of generated audio ŷ, in the same order
     * @return a scalar
     */
    public static Tensor of(List<Judgement> real, List<Judgement> fake) {
        Tensor sum = null;
        for (int i = 0; i < real.size(); i++) {
            List<Tensor> realMaps = real.get(i).featureMaps();
            List<Tensor> fakeMaps = fake.get(i).featureMaps();
            for (int j = 0; j < realMaps.size(); j++) {
                Tensor distance = realMaps.get(j).meanAbsoluteError(fakeMaps.get(j));
                sum = sum == null ? distance : sum.add(distance);
            }
        }
        return sum.mul(WEIGHT);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Weights for timing without a checkpoint: always the same, and such that the audio neither vanishes nor saturates. */
final class RandomWeights {
    /** Less than 1, because each resblock adds what it computes to its input. */
    private static final double GAIN = 0.6;

    private RandomWeights() {}

    /** Folded, with the names and shapes of {@link HifiGanConfig#foldedParameters}. */
    static Map<String, NdArray> of(HifiGanConfig config) {
        SplittableRandom random = new SplittableRandom(1);
        Map<String, NdArray> weights = new LinkedHashMap<>();
        config.foldedParameters().forEach((name, shape) -> weights.put(name, uniform(random, shape, bound(shape))));
        return weights;
    }

    /** [mels, frames] in the range of log-mels. */
    static float[] mel(HifiGanConfig config, int frames) {
        return uniform(new SplittableRandom(2), Shape.of(config.mel().mels(), frames), 4).floats();
    }

    private static double bound(Shape shape) {
        return shape.rank() == 1 ? 0.1 : GAIN * Math.sqrt(3.0 * shape.dim(0) / shape.size());
    }

    private static NdArray uniform(SplittableRandom random, Shape shape, double bound) {
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        return NdArray.of(shape, values);
    }
}

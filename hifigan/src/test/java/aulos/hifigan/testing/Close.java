// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.NdArray;

/** How far two arrays lie apart. */
public final class Close {
    private Close() {}

    /** The largest |actual − expected|; NaN counts as infinitely far. */
    public static double maxError(NdArray actual, NdArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double largest = 0;
        for (int i = 0; i < actual.shape().size(); i++) {
            double error = Math.abs(actual.get(i) - expected.get(i));
            largest = error >= largest ? error : Double.isNaN(error) ? Double.POSITIVE_INFINITY : largest;
        }
        return largest;
    }

    /** The largest error, relative to the largest |expected|. */
    public static double relativeError(NdArray actual, NdArray expected) {
        double scale = 0;
        for (int i = 0; i < expected.shape().size(); i++) {
            scale = Math.max(scale, Math.abs(expected.get(i)));
        }
        return maxError(actual, expected) / scale;
    }
}

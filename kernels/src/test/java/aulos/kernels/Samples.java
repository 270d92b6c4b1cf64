// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

import java.util.SplittableRandom;

/** Numbers to test with. */
public final class Samples {
    private static final float[] SPECIAL = {0, -0f, 1, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE, -Float.MIN_NORMAL, Float.MAX_VALUE, 0.1f, -0.1f, 9.02f, -9.03f};

    private Samples() {}

    /** Uniform in (−2, 2). */
    public static float[] random(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return values;
    }

    /** As {@link #random}, with every third value replaced by one that is likely to be treated wrongly. */
    public static float[] nasty(long seed, int length) {
        float[] values = random(seed, length);
        SplittableRandom random = new SplittableRandom(seed + 1);
        for (int i = 0; i < length; i++) {
            if (random.nextInt(3) == 0) {
                values[i] = SPECIAL[random.nextInt(SPECIAL.length)];
            }
        }
        return values;
    }
}

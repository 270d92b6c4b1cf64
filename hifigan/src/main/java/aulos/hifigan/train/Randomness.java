// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.util.SplittableRandom;

/**
 * Chance that depends on nothing but the seed and the place where it is needed, so that a run that is resumed in the
 * middle of an epoch goes on with the order and the crops it would have had.
 */
final class Randomness {
    private Randomness() {}

    /** The order of {@code count} clips in an epoch. */
    static int[] order(long seed, long epoch, int count) {
        SplittableRandom random = at(seed, epoch, -1);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Where a crop starts, in 0…{@code last}. */
    static int start(long seed, long epoch, int clip, int last) {
        return at(seed, epoch, clip).nextInt(last + 1);
    }

    private static SplittableRandom at(long seed, long epoch, int clip) {
        return new SplittableRandom(mix(mix(mix(seed) ^ epoch) ^ clip));
    }

    /** The finaliser of splitmix64, a bijection that leaves no pattern. */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}

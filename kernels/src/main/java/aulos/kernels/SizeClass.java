// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

/** Rounds lengths of buffers up to few different ones, so that a freed buffer serves the next request. */
public final class SizeClass {
    private static final int MIN_STEP = 16;

    private SizeClass() {}

    /** One of eight sizes per octave, which wastes less than an eighth; {@code length} itself if that overflows. */
    public static int of(int length) {
        int octave = 31 - Integer.numberOfLeadingZeros(Math.max(1, length - 1));
        long step = Math.max(MIN_STEP, 1L << Math.max(0, octave - 3));
        long rounded = (Math.max(1, length) + step - 1) / step * step;
        return rounded > Integer.MAX_VALUE ? length : (int) rounded;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/** Distances between rows that are read at the same time. */
public final class CacheLines {
    /** Floats of a line. */
    public static final int LINE = 16;

    private CacheLines() {}

    /** At least {@code size}, and an odd number of lines, lest rows compete for the same few sets of a cache. */
    public static int odd(int size) {
        return (Math.ceilDiv(size, LINE) | 1) * LINE;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.warm.PairVector;
import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;

/** The micro-kernel of {@code LongCorrelation}: {@value #ROWS} rows of input against one or two vectors of channels. */
public final class PairTile {
    public static final int ROWS = 8;

    private PairTile() {}

    /** Channels of a tile for a layer with {@code channels} of them: two vectors unless one is enough. */
    public static int width(int channels) {
        return Simd.ENABLED ? channels <= Simd.WIDTH ? Simd.WIDTH : 2 * Simd.WIDTH : 16;
    }

    /**
     * sums[r·width + i] += Σ over n of x[offsets[row + r] + places[from + n]] · g[at + n·width + i], for n from 0 to
     * {@code count} − 1 in that order by fused multiply–adds from 0, the total at {@code sumAt} for r from 0 to 7.
     */
    public static void add(float[] x, int[] offsets, int row, int[] places, int from, int count, float[] g, int at,
            int width, float[] sums, int sumAt) {
        if (Simd.ENABLED && width == Simd.WIDTH) {
            PairVector.add8x1(x, offsets, row, places, from, count, g, at, sums, sumAt);
        } else if (Simd.ENABLED) {
            PairVector.add8x2(x, offsets, row, places, from, count, g, at, sums, sumAt);
        } else {
            plain(x, offsets, row, places, from, count, g, at, width, sums, sumAt);
        }
    }

    /** The plain loops, for tests too. */
    static void plain(float[] x, int[] offsets, int row, int[] places, int from, int count, float[] g, int at,
            int width, float[] sums, int sumAt) {
        float[] line = new float[width];
        for (int r = 0; r < ROWS; r++) {
            Arrays.fill(line, 0);
            for (int n = 0; n < count; n++) {
                float factor = x[offsets[row + r] + places[from + n]];
                for (int i = 0; i < width; i++) {
                    line[i] = Math.fma(factor, g[at + n * width + i], line[i]);
                }
            }
            Rows.add(line, 0, 0, sums, sumAt + r * width, 0, 1, width, 1);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;

/** Micro-kernels of convolutions in groups: {@value #ROWS} factors by one or two vectors of channels. */
public final class LaneTile {
    public static final int ROWS = 8;

    private LaneTile() {}

    /** Channels of a tile for a layer with {@code channels} of them: two vectors unless one is enough. */
    public static int width(int channels) {
        return channels <= Simd.WIDTH ? Simd.floats(1, 16) : Simd.floats(2, 16);
    }

    /**
     * sums[sumAt + r·width + i] += sign · Σ over n of w[wAt + wPlaces[n] + r] · x[xAt + xPlaces[n] + i], for n from
     * {@code from} to {@code end} − 1 in that order by fused multiply–adds from 0, for r from 0 to 7.
     */
    public static void add(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end, int width,
            float sign, float[] sums, int sumAt) {
        if (!Vectors.lanes(w, wAt, wPlaces, x, xAt, xPlaces, from, end, width, sign, sums, sumAt)) {
            plainAdd(w, wAt, wPlaces, x, xAt, xPlaces, from, end, width, sign, sums, sumAt);
        }
    }

    /** {@link #add} by plain loops, for tests too. */
    static void plainAdd(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end,
            int width, float sign, float[] sums, int sumAt) {
        float[] line = new float[width];
        for (int r = 0; r < ROWS; r++) {
            Arrays.fill(line, 0);
            for (int n = from; n < end; n++) {
                multiply(w[wAt + wPlaces[n] + r], x, xAt + xPlaces[n], line);
            }
            for (int i = 0; i < width; i++) {
                sums[sumAt + r * width + i] = Math.fma(line[i], sign, sums[sumAt + r * width + i]);
            }
        }
    }

    /**
     * sums[sumAt + r·width + i] += Σ over n of x[offsets[row + r] + places[from + n]] · g[at + n·width + i], for n from 0 to
     * {@code count} − 1 in that order by fused multiply–adds from 0, for r from 0 to 7.
     */
    public static void addPairs(float[] x, int[] offsets, int row, int[] places, int from, int count, float[] g, int at,
            int width, float[] sums, int sumAt) {
        if (!Vectors.pairs(x, offsets, row, places, from, count, g, at, width, sums, sumAt)) {
            plainAddPairs(x, offsets, row, places, from, count, g, at, width, sums, sumAt);
        }
    }

    /** {@link #addPairs} by plain loops, for tests too. */
    static void plainAddPairs(float[] x, int[] offsets, int row, int[] places, int from, int count, float[] g, int at,
            int width, float[] sums, int sumAt) {
        float[] line = new float[width];
        for (int r = 0; r < ROWS; r++) {
            Arrays.fill(line, 0);
            for (int n = 0; n < count; n++) {
                multiply(x[offsets[row + r] + places[from + n]], g, at + n * width, line);
            }
            Rows.add(line, 0, 0, sums, sumAt + r * width, 0, 1, width, 1);
        }
    }

    private static void multiply(float factor, float[] x, int at, float[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] = Math.fma(factor, x[at + i], line[i]);
        }
    }
}

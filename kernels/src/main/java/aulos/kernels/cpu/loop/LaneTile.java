// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.warm.LaneVector;
import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;

/** The micro-kernel of {@code FourierConvolution} and {@code FourierCorrelation}: 8 factors by vectors of channels. */
public final class LaneTile {
    public static final int ROWS = 8;

    private LaneTile() {}

    /** Channels of a tile for a layer with {@code channels} of them: two vectors unless one is enough. */
    public static int width(int channels) {
        return Simd.ENABLED ? channels <= Simd.WIDTH ? Simd.WIDTH : 2 * Simd.WIDTH : 16;
    }

    /**
     * sums[sumAt + r·width + i] += sign · Σ over n of w[wAt + wPlaces[n] + r] · x[xAt + xPlaces[n] + i], for n from
     * {@code from} to {@code end} − 1 in that order by fused multiply–adds from 0, for r from 0 to 7.
     */
    public static void add(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end, int width,
            float sign, float[] sums, int sumAt) {
        if (Simd.ENABLED && width == Simd.WIDTH) {
            LaneVector.add8x1(w, wAt, wPlaces, x, xAt, xPlaces, from, end, sign, sums, sumAt);
        } else if (Simd.ENABLED) {
            LaneVector.add8x2(w, wAt, wPlaces, x, xAt, xPlaces, from, end, sign, sums, sumAt);
        } else {
            plain(w, wAt, wPlaces, x, xAt, xPlaces, from, end, width, sign, sums, sumAt);
        }
    }

    /** The plain loops, for tests too. */
    static void plain(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end,
            int width, float sign, float[] sums, int sumAt) {
        float[] line = new float[width];
        for (int r = 0; r < ROWS; r++) {
            Arrays.fill(line, 0);
            for (int n = from; n < end; n++) {
                float factor = w[wAt + wPlaces[n] + r];
                for (int i = 0; i < width; i++) {
                    line[i] = Math.fma(factor, x[xAt + xPlaces[n] + i], line[i]);
                }
            }
            for (int i = 0; i < width; i++) {
                sums[sumAt + r * width + i] = Math.fma(line[i], sign, sums[sumAt + r * width + i]);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.hot.WinogradVector;
import aulos.kernels.cpu.loop.warm.ToomVector;
import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;

/**
 * {@link ToomCook} forms on the points 0, 1, −1, 2, −2, ½ and ∞, applied to rows of numbers side by side: 4 outputs of 4
 * taps and 3 outputs of 5 taps, from 7 samples. Vector and plain loops do the same arithmetic in the same order, so they
 * give the same bits.
 *
 * <p>All take row r of their argument at {@code at + r·step} and write row r of the result likewise, {@code count}
 * numbers each, whole vectors of them.
 */
public final class ToomTransform {
    public static final int POINTS = 7;
    /** Samples under a tile. */
    public static final int SAMPLES = 7;

    // 1/N′(a), see ToomCook.
    public static final float AT_0 = -1 / 2f;
    public static final float AT_1 = -1 / 3f;
    public static final float AT_MINUS_1 = 1 / 9f;
    public static final float AT_2 = 1 / 36f;
    public static final float AT_MINUS_2 = -1 / 60f;
    public static final float AT_HALF = 1 / 1.40625f;

    private ToomTransform() {}

    /** B: 7 samples to 7 points. */
    public static void input(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        if (!Simd.ENABLED) {
            plainInput(x, at, step, v, vAt, vPoint, count);
            return;
        }
        int[] offsets = new int[SAMPLES];
        Arrays.setAll(offsets, s -> s * step);
        WinogradVector.inputOfSeven(x, at, offsets, offsets, 0, v, vAt, vPoint, count);
    }

    static void plainInput(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        float[] d = new float[SAMPLES];
        for (int i = 0; i < count; i++) {
            for (int s = 0; s < SAMPLES; s++) {
                d[s] = x[at + i + s * step];
            }
            WinogradTransform.plainPoints(d, v, vAt + i, vPoint);
        }
    }

    /** G for 4 or 5 {@code taps} to 7 points. */
    public static void filter(int taps, float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        if (!Simd.ENABLED) {
            plainFilter(taps, g, at, step, w, wAt, wPoint, count);
        } else if (taps == 4) {
            ToomVector.filterOfFour(g, at, step, w, wAt, wPoint, count);
        } else {
            ToomVector.filterOfFive(g, at, step, w, wAt, wPoint, count);
        }
    }

    static void plainFilter(int taps, float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = wAt + i;
            float g0 = g[from];
            float g1 = g[from + step];
            float g2 = g[from + 2 * step];
            float g3 = g[from + 3 * step];
            float even1 = g0 + g2;
            float odd1 = g1 + g3;
            float even2 = Math.fma(g2, 4, g0);
            float odd2 = Math.fma(g3, 8, g1 + g1);
            float half = Math.fma(g3, 0.125f, Math.fma(g2, 0.25f, Math.fma(g1, 0.5f, g0)));
            float last = g3;
            if (taps == 5) {
                last = g[from + 4 * step];
                even1 += last;
                even2 = Math.fma(last, 16, even2);
                half = Math.fma(last, 0.0625f, half);
            }
            w[to] = g0 * AT_0;
            w[to + wPoint] = (even1 + odd1) * AT_1;
            w[to + 2 * wPoint] = (even1 - odd1) * AT_MINUS_1;
            w[to + 3 * wPoint] = (even2 + odd2) * AT_2;
            w[to + 4 * wPoint] = (even2 - odd2) * AT_MINUS_2;
            w[to + 5 * wPoint] = half * AT_HALF;
            w[to + 6 * wPoint] = last;
        }
    }

    /** A for a filter of 5 taps: 7 points to 3 outputs. */
    public static void threeOutputs(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        if (Simd.ENABLED) {
            ToomVector.threeOutputs(m, at, mPoint, y, yAt, step, count);
        } else {
            plainOutputs(3, m, at, mPoint, y, yAt, step, count);
        }
    }

    /** A for a filter of 4 taps: 7 points to 4 outputs. */
    public static void fourOutputs(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        if (Simd.ENABLED) {
            ToomVector.fourOutputs(m, at, mPoint, y, yAt, step, count);
        } else {
            plainOutputs(4, m, at, mPoint, y, yAt, step, count);
        }
    }

    static void plainOutputs(int outputs, float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = yAt + i;
            float m5 = m[from + 5 * mPoint];
            float even1 = m[from + mPoint] + m[from + 2 * mPoint];
            float odd1 = m[from + mPoint] - m[from + 2 * mPoint];
            float even2 = m[from + 3 * mPoint] + m[from + 4 * mPoint];
            float odd2 = m[from + 3 * mPoint] - m[from + 4 * mPoint];
            y[to] = m[from] + even1 + even2 + m5;
            y[to + step] = Math.fma(m5, 0.5f, Math.fma(odd2, 2, odd1));
            y[to + 2 * step] = Math.fma(m5, 0.25f, Math.fma(even2, 4, even1));
            if (outputs == 4) {
                y[to + 3 * step] = Math.fma(m5, 0.125f, Math.fma(odd2, 8, odd1));
            }
            y[to + (outputs - 1) * step] += m[from + 6 * mPoint];
        }
    }
}

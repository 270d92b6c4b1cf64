// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.warm.FiveVector;
import aulos.kernels.cpu.run.Simd;

/**
 * The {@link ToomCook} form of 5 outputs of 5 taps by 9 multiplications instead of 25, on the points 0, ±2, ±¾, ±5/4, ¼
 * and ∞, applied to rows of numbers side by side. In the gradient in the weight it is the taps that come out, and 5
 * columns that go in as taps do. Of all points of which three pairs are opposite, so that even and odd parts serve both,
 * these give the least error in the worst of the five outputs (in simulation): 2.4e-6 of the signal's RMS value, 1.8e-6 in
 * all five, where 3 outputs by 7 multiplications have 1.2e-6 and 9e-7; and floats hold them and what is made of them
 * exactly. Vector and plain loops do the same arithmetic in the same order, so they give the same bits.
 *
 * <p>All take row r of their argument at {@code at + r·step} and write row r of the result likewise, {@code count}
 * numbers each, whole vectors of them.
 */
public final class FiveTransform {
    public static final int POINTS = 9;
    /** Samples under a tile. */
    public static final int SAMPLES = 9;
    /** Taps, and outputs of a tile. */
    public static final int FIVE = 5;

    // 1/N′(a), see ToomCook.
    public static final float AT_0 = 256 / 225f;
    public static final float AT_TWO = 128 / 15015f;
    public static final float AT_MINUS_TWO = -128 / 19305f;
    public static final float AT_THREE_QUARTERS = 256 / 495f;
    public static final float AT_MINUS_THREE_QUARTERS = -128 / 495f;
    public static final float AT_FIVE_QUARTERS = -128 / 975f;
    public static final float AT_MINUS_FIVE_QUARTERS = 256 / 2925f;
    public static final float AT_QUARTER = -256 / 189f;

    private FiveTransform() {}

    /** B: 9 samples to 9 points. */
    public static void input(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        if (Simd.ENABLED) {
            FiveVector.input(x, at, step, v, vAt, vPoint, count);
        } else {
            plainInput(x, at, step, v, vAt, vPoint, count);
        }
    }

    static void plainInput(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        float[] e = new float[SAMPLES - 1];
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = vAt + i;
            // N has no x − ¼ for ¼; all other points share that factor, which leaves 8 samples.
            v[to + 7 * vPoint] = cubic(x[from + step], x[from + 3 * step], x[from + 5 * step], x[from + 7 * step]);
            for (int s = 0; s < e.length; s++) {
                e[s] = Math.fma(x[from + s * step], -0.25f, x[from + (s + 1) * step]);
            }
            v[to] = cubic(e[0], e[2], e[4], e[6]);
            v[to + 8 * vPoint] = cubic(e[1], e[3], e[5], e[7]);
            float even = Math.fma(e[2], 0.87890625f, Math.fma(e[4], -2.125f, e[6]));
            float odd = Math.fma(e[1], 0.87890625f, Math.fma(e[3], -2.125f, e[5]));
            v[to + vPoint] = Math.fma(odd, 2, even);
            v[to + 2 * vPoint] = Math.fma(odd, -2, even);
            even = Math.fma(e[2], 6.25f, Math.fma(e[4], -5.5625f, e[6]));
            odd = Math.fma(e[1], 6.25f, Math.fma(e[3], -5.5625f, e[5]));
            v[to + 3 * vPoint] = Math.fma(odd, 0.75f, even);
            v[to + 4 * vPoint] = Math.fma(odd, -0.75f, even);
            even = Math.fma(e[2], 2.25f, Math.fma(e[4], -4.5625f, e[6]));
            odd = Math.fma(e[1], 2.25f, Math.fma(e[3], -4.5625f, e[5]));
            v[to + 5 * vPoint] = Math.fma(odd, 1.25f, even);
            v[to + 6 * vPoint] = Math.fma(odd, -1.25f, even);
        }
    }

    /** What is left of N without its factors x and x − ¼: (x² − 4)·(x² − 9/16)·(x² − 25/16), on every other sample. */
    private static float cubic(float a, float b, float c, float d) {
        return Math.fma(a, -3.515625f, Math.fma(b, 9.37890625f, Math.fma(c, -6.125f, d)));
    }

    /** G: 5 taps to 9 points. */
    public static void filter(float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        if (Simd.ENABLED) {
            FiveVector.filter(g, at, step, w, wAt, wPoint, count);
        } else {
            plainFilter(g, at, step, w, wAt, wPoint, count);
        }
    }

    static void plainFilter(float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = wAt + i;
            float g0 = g[from];
            float g1 = g[from + step];
            float g2 = g[from + 2 * step];
            float g3 = g[from + 3 * step];
            float g4 = g[from + 4 * step];
            w[to] = g0 * AT_0;
            float even = Math.fma(g4, 16, Math.fma(g2, 4, g0));
            float odd = Math.fma(g3, 8, g1 * 2);
            w[to + wPoint] = (even + odd) * AT_TWO;
            w[to + 2 * wPoint] = (even - odd) * AT_MINUS_TWO;
            even = Math.fma(g4, 0.31640625f, Math.fma(g2, 0.5625f, g0));
            odd = Math.fma(g3, 0.421875f, g1 * 0.75f);
            w[to + 3 * wPoint] = (even + odd) * AT_THREE_QUARTERS;
            w[to + 4 * wPoint] = (even - odd) * AT_MINUS_THREE_QUARTERS;
            even = Math.fma(g4, 2.44140625f, Math.fma(g2, 1.5625f, g0));
            odd = Math.fma(g3, 1.953125f, g1 * 1.25f);
            w[to + 5 * wPoint] = (even + odd) * AT_FIVE_QUARTERS;
            w[to + 6 * wPoint] = (even - odd) * AT_MINUS_FIVE_QUARTERS;
            float quarter = Math.fma(g4, 0.25f, g3);
            quarter = Math.fma(quarter, 0.25f, g2);
            quarter = Math.fma(quarter, 0.25f, g1);
            w[to + 7 * wPoint] = Math.fma(quarter, 0.25f, g0) * AT_QUARTER;
            w[to + 8 * wPoint] = g4;
        }
    }

    /** A: 9 points to 5 outputs, {@code bias[biasAt + i]} added to each. */
    public static void outputs(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        if (Simd.ENABLED) {
            FiveVector.outputs(m, at, mPoint, bias, biasAt, y, yAt, step, count);
        } else {
            plainOutputs(m, at, mPoint, bias, biasAt, y, yAt, step, count);
        }
    }

    static void plainOutputs(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = yAt + i;
            float even1 = m[from + mPoint] + m[from + 2 * mPoint];
            float odd1 = m[from + mPoint] - m[from + 2 * mPoint];
            float even2 = m[from + 3 * mPoint] + m[from + 4 * mPoint];
            float odd2 = m[from + 3 * mPoint] - m[from + 4 * mPoint];
            float even3 = m[from + 5 * mPoint] + m[from + 6 * mPoint];
            float odd3 = m[from + 5 * mPoint] - m[from + 6 * mPoint];
            float m7 = m[from + 7 * mPoint];
            float b = bias[biasAt + i];
            y[to] = m[from] + even1 + even2 + even3 + m7 + b;
            y[to + step] = Math.fma(m7, 0.25f, Math.fma(odd3, 1.25f, Math.fma(odd2, 0.75f, Math.fma(odd1, 2, b))));
            y[to + 2 * step] = Math.fma(m7, 0.0625f,
                    Math.fma(even3, 1.5625f, Math.fma(even2, 0.5625f, Math.fma(even1, 4, b))));
            y[to + 3 * step] = Math.fma(m7, 0.015625f,
                    Math.fma(odd3, 1.953125f, Math.fma(odd2, 0.421875f, Math.fma(odd1, 8, b))));
            y[to + 4 * step] = Math.fma(m7, 0.00390625f,
                    Math.fma(even3, 2.44140625f, Math.fma(even2, 0.31640625f, Math.fma(even1, 16, b))))
                    + m[from + 8 * mPoint];
        }
    }
}

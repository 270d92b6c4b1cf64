// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.warm.Stride3Vector;
import aulos.kernels.cpu.run.Simd;

/**
 * 5 taps of stride 3 and padding 2 as filters of stride 1 over the phases of the signal, by few multiplications. Column
 * t receives
 *
 * <pre>y[t] = w[2]·x[3t] + (w[0]·x[3t − 2] + w[3]·x[3t + 1]) + (w[1]·x[3t − 1] + w[4]·x[3t + 2])</pre>
 *
 * A tile is 9 samples, of which 3 meet a column each through w[2], and 3 of either other phase meet 4 columns through 2
 * taps: a product of polynomials (s0 + s1·z + s2·z²)·(h0 + h1·z), for which 4 multiplications at the points 0, 1, −1
 * and ∞ are enough ({@link ToomCook}). That makes 11 for a tile instead of 15. The gradient in the samples and that in
 * the taps are the transposes of the same form, at the same cost. Vector and plain loops do the same arithmetic in the
 * same order, so they give the same bits.
 *
 * <p>All take row r of their argument at {@code at + r·step} and write row r of the result likewise, {@code count}
 * numbers each, whole vectors of them.
 */
public final class Stride3Transform {
    public static final int POINTS = 4;
    /** Phases of two taps. */
    public static final int PAIRS = 2;
    public static final int STRIDE = 3;
    /** Samples of a phase in a tile. */
    public static final int SAMPLES = 3;
    /** Columns that a tile meets, the last of which is the first of the next one. */
    public static final int COLUMNS = 4;
    /** The tap that has a phase of its own. */
    public static final int SINGLE = 2;

    private Stride3Transform() {}

    /** 3 samples of a pair to 4 points. */
    public static void samples(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.samples(x, at, step, v, vAt, vPoint, count);
        } else {
            plainSamples(x, at, step, v, vAt, vPoint, count);
        }
    }

    public static void plainSamples(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = vAt + i;
            float even = x[from] + x[from + 2 * step];
            v[to] = x[from];
            v[to + vPoint] = even + x[from + step];
            v[to + 2 * vPoint] = even - x[from + step];
            v[to + 3 * vPoint] = x[from + 2 * step];
        }
    }

    /** The transpose of {@link #addColumns}: 4 columns to 4 points. */
    public static void columns(float[] d, int at, int step, float[] v, int vAt, int vPoint, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.columns(d, at, step, v, vAt, vPoint, count);
        } else {
            plainColumns(d, at, step, v, vAt, vPoint, count);
        }
    }

    public static void plainColumns(float[] d, int at, int step, float[] v, int vAt, int vPoint, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = vAt + i;
            float d1 = d[from + step];
            float d2 = d[from + 2 * step];
            v[to] = d[from] - d2;
            v[to + vPoint] = d1 + d2;
            v[to + 2 * vPoint] = d2 - d1;
            v[to + 3 * vPoint] = d[from + 3 * step] - d1;
        }
    }

    /** Two taps to the points 1 and −1, in the same array; at 0 and ∞ they are the taps themselves. */
    public static void taps(float[] w, int first, int second, int sum, int difference, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.taps(w, first, second, sum, difference, count);
        } else {
            plainTaps(w, first, second, sum, difference, count);
        }
    }

    public static void plainTaps(float[] w, int first, int second, int sum, int difference, int count) {
        for (int i = 0; i < count; i++) {
            float h0 = w[first + i] * 0.5f;
            float h1 = w[second + i] * 0.5f;
            w[sum + i] = h0 + h1;
            w[difference + i] = h0 - h1;
        }
    }

    /** 4 points to 4 columns, added to what is there. */
    public static void addColumns(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.addColumns(m, at, mPoint, y, yAt, step, count);
        } else {
            plainAddColumns(m, at, mPoint, y, yAt, step, count);
        }
    }

    public static void plainAddColumns(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = yAt + i;
            float m1 = m[from + mPoint];
            float m2 = m[from + 2 * mPoint];
            float m3 = m[from + 3 * mPoint];
            y[to] += m[from];
            y[to + step] += m1 - m2 - m3;
            y[to + 2 * step] += m1 + m2 - m[from];
            y[to + 3 * step] += m3;
        }
    }

    /** The transpose of {@link #samples}: 4 points to 3 samples of a pair, {@code bias[biasAt + i]} added to each. */
    public static void putSamples(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        if (Simd.ENABLED) {
            Stride3Vector.putSamples(m, at, mPoint, bias, biasAt, y, yAt, step, count);
        } else {
            plainPutSamples(m, at, mPoint, bias, biasAt, y, yAt, step, count);
        }
    }

    public static void plainPutSamples(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            int to = yAt + i;
            float m1 = m[from + mPoint];
            float m2 = m[from + 2 * mPoint];
            float even = m1 + m2 + bias[biasAt + i];
            y[to] = m[from] + even;
            y[to + step] = m1 - m2 + bias[biasAt + i];
            y[to + 2 * step] = m[from + 3 * mPoint] + even;
        }
    }

    /** The transpose of {@link #taps}: 4 points to two taps. */
    public static void putTaps(float[] m, int at, int mPoint, float[] y, int first, int second, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.putTaps(m, at, mPoint, y, first, second, count);
        } else {
            plainPutTaps(m, at, mPoint, y, first, second, count);
        }
    }

    public static void plainPutTaps(float[] m, int at, int mPoint, float[] y, int first, int second, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            float m1 = m[from + mPoint] * 0.5f;
            float m2 = m[from + 2 * mPoint] * 0.5f;
            y[first + i] = m[from] + (m1 + m2);
            y[second + i] = m[from + 3 * mPoint] + (m1 - m2);
        }
    }
}

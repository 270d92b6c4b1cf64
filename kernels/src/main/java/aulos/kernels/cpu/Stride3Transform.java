// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;

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
final class Stride3Transform {
    static final int POINTS = 4;
    /** Phases of two taps. */
    static final int PAIRS = 2;
    static final int STRIDE = 3;
    /** Samples of a phase in a tile. */
    static final int SAMPLES = 3;
    /** Columns that a tile meets, the last of which is the first of the next one. */
    static final int COLUMNS = 4;
    /** The tap that has a phase of its own. */
    static final int SINGLE = 2;
    /** With fewer channels that a transformed sample meets, transforms weigh too much. */
    private static final int MIN_CHANNELS = 256;
    /** With fewer channels that an output sums, there is too little between transforms. */
    private static final int MIN_SUMMED = 128;

    private Stride3Transform() {}

    private static boolean handles(ConvSpec spec, Shape weight) {
        return spec.equals(new ConvSpec(STRIDE, 2, 1, 1)) && weight.dim(2) == TapPlanes.TAPS;
    }

    /** Whether a convolution, or a transposed one, of this weight is best computed so. */
    static boolean suits(ConvSpec spec, Shape weight, boolean transposed) {
        return handles(spec, weight) && weight.dim(transposed ? 1 : 0) >= MIN_CHANNELS
                && weight.dim(transposed ? 0 : 1) >= MIN_SUMMED;
    }

    /** Whether the gradient in the weight is. */
    static boolean suitsGradient(ConvSpec spec, Shape weight) {
        return handles(spec, weight) && Math.min(weight.dim(0), weight.dim(1)) >= MIN_CHANNELS;
    }

    /** The tap that a pair's later samples meet, its h0. */
    static int first(int pair) {
        return pair + STRIDE;
    }

    /** The tap that a pair's earlier samples meet, its h1. */
    static int second(int pair) {
        return pair;
    }

    /** Tiles that hold all samples of both pairs of a segment of {@code length}, one at least. */
    private static int tiles(int length) {
        return Math.max(1, Math.ceilDiv(length - 1, STRIDE * SAMPLES));
    }

    /** On the samples x [batch, channel, length]. */
    static ToomTiles ofSamples(Operand x) {
        int length = x.shape().dim(2);
        int period = STRIDE * Math.max(SAMPLES * tiles(length), Math.ceilDiv(length, STRIDE));
        return new ToomTiles(x, tiles(length), STRIDE * SAMPLES, 0, period);
    }

    /** On the columns y [batch, channel, column] that {@code length} samples meet. */
    static ToomTiles ofColumns(Operand y, int length) {
        int tiles = tiles(length);
        return new ToomTiles(y, tiles, SAMPLES, 0, Math.max(SAMPLES * tiles + 1, y.shape().dim(2)));
    }

    /** 3 samples of a pair to 4 points. */
    static void samples(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.samples(x, at, step, v, vAt, vPoint, count);
        } else {
            plainSamples(x, at, step, v, vAt, vPoint, count);
        }
    }

    static void plainSamples(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
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
    static void columns(float[] d, int at, int step, float[] v, int vAt, int vPoint, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.columns(d, at, step, v, vAt, vPoint, count);
        } else {
            plainColumns(d, at, step, v, vAt, vPoint, count);
        }
    }

    static void plainColumns(float[] d, int at, int step, float[] v, int vAt, int vPoint, int count) {
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
    static void taps(float[] w, int first, int second, int sum, int difference, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.taps(w, first, second, sum, difference, count);
        } else {
            plainTaps(w, first, second, sum, difference, count);
        }
    }

    static void plainTaps(float[] w, int first, int second, int sum, int difference, int count) {
        for (int i = 0; i < count; i++) {
            float h0 = w[first + i] * 0.5f;
            float h1 = w[second + i] * 0.5f;
            w[sum + i] = h0 + h1;
            w[difference + i] = h0 - h1;
        }
    }

    /** 4 points to 4 columns, added to what is there. */
    static void addColumns(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.addColumns(m, at, mPoint, y, yAt, step, count);
        } else {
            plainAddColumns(m, at, mPoint, y, yAt, step, count);
        }
    }

    static void plainAddColumns(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
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
    static void putSamples(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        if (Simd.ENABLED) {
            Stride3Vector.putSamples(m, at, mPoint, bias, biasAt, y, yAt, step, count);
        } else {
            plainPutSamples(m, at, mPoint, bias, biasAt, y, yAt, step, count);
        }
    }

    static void plainPutSamples(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
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
    static void putTaps(float[] m, int at, int mPoint, float[] y, int first, int second, int count) {
        if (Simd.ENABLED) {
            Stride3Vector.putTaps(m, at, mPoint, y, first, second, count);
        } else {
            plainPutTaps(m, at, mPoint, y, first, second, count);
        }
    }

    static void plainPutTaps(float[] m, int at, int mPoint, float[] y, int first, int second, int count) {
        for (int i = 0; i < count; i++) {
            int from = at + i;
            float m1 = m[from + mPoint] * 0.5f;
            float m2 = m[from + 2 * mPoint] * 0.5f;
            y[first + i] = m[from] + (m1 + m2);
            y[second + i] = m[from + 3 * mPoint] + (m1 - m2);
        }
    }
}

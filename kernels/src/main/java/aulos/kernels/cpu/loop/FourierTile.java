// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.warm.FourierVector;
import aulos.kernels.cpu.run.Simd;

/**
 * The transform behind {@code FourierConvolution}, of {@value #SAMPLES} samples at {@value #POINTS} complex points, for
 * many signals side by side. Products of what it gives are products of polynomials modulo t⁶⁴ + 1. That is divisible by t³²
 * − i, modulo which a real polynomial is 32 complex numbers, xₙ + i·xₙ₊₃₂; with t = ω·s and ω = exp(iπ/64), they become,
 * multiplied by ωⁿ, a polynomial modulo s³² − 1, and its values are a complex discrete Fourier transform of half the
 * length, with no value that is real by chance.
 *
 * <p>The points are in the order in which 8 transforms of 4 and 4 of 8 give them. {@link FourierVector} and the plain loops
 * here do the same arithmetic in the same order.
 */
public final class FourierTile {
    public static final int SAMPLES = 64;
    public static final int POINTS = 32;
    public static final float HALF_ROOT = 0.70710677f;

    private static final int EIGHTS = 8;
    private static final int FOURS = 4;
    /** For each of 8 transforms of 4, what their results are multiplied by, [transform][result][real, imaginary]. */
    private static final float[] TWIDDLES = new float[2 * POINTS];
    /** For the way back: their conjugates, divided by the number of points. */
    private static final float[] BACK = new float[2 * POINTS];
    /** exp(iπa/8), by which their arguments are multiplied. */
    private static final float[] TURNS = new float[2 * FOURS];

    static {
        for (int b = 0; b < EIGHTS; b++) {
            for (int k = 0; k < FOURS; k++) {
                double angle = Math.PI * b / 64 - Math.PI * b * k / 16;
                int at = 2 * (b * FOURS + k);
                TWIDDLES[at] = (float) Math.cos(angle);
                TWIDDLES[at + 1] = (float) Math.sin(angle);
                BACK[at] = (float) (Math.cos(angle) / POINTS);
                BACK[at + 1] = (float) (-Math.sin(angle) / POINTS);
            }
        }
        for (int a = 0; a < FOURS; a++) {
            TURNS[2 * a] = (float) Math.cos(Math.PI * a / 8);
            TURNS[2 * a + 1] = (float) Math.sin(Math.PI * a / 8);
        }
    }

    private FourierTile() {}

    /**
     * Sample n of signal i of row r is x[first + n·step + r·xRow + i] for n from 0 to 31, x[second + (n − 32)·step +
     * r·xRow + i] for the others; point p becomes v[vAt + p·vPoint + r·width + i] and, its imaginary part, v[vAt + vPart +
     * p·vPoint + r·width + i], for i from 0 to {@code width} − 1, whole vectors.
     *
     * @param t scratch, {@link #scratch} of rows·width
     */
    public static void forward(float[] x, int first, int second, int step, int xRow, int rows, int width, float[] t, float[] v,
            int vAt, int vPart, int vPoint) {
        int count = rows * width;
        for (int b = 0; b < EIGHTS; b++) {
            int re = first + b * step;
            int im = second + b * step;
            if (Simd.ENABLED) {
                FourierVector.four(x, re, im, EIGHTS * step, xRow, TURNS, TWIDDLES, 2 * FOURS * b, t, b * count,
                        part(count), EIGHTS * count, rows, width);
            } else {
                plainFour(x, re, im, EIGHTS * step, xRow, TURNS, TWIDDLES, 2 * FOURS * b, t, b * count, part(count),
                        EIGHTS * count, rows, width);
            }
        }
        for (int k = 0; k < FOURS; k++) {
            int from = k * EIGHTS * count;
            int to = vAt + k * EIGHTS * vPoint;
            eight(t, from, from + part(count), count, v, to, to + vPart, vPoint, count);
        }
    }

    /**
     * The way back, to the first half of the samples: point p is m[at + p·mPoint + i] and m[at + mPart + p·mPoint + i],
     * sample n becomes y[yAt + n·step + i].
     *
     * @param t scratch, {@link #scratch} of count
     */
    public static void back(float[] m, int at, int mPart, int mPoint, float[] t, float[] y, int yAt, int step, int count) {
        for (int k = 0; k < FOURS; k++) {
            int from = at + k * EIGHTS * mPoint;
            int to = k * EIGHTS * count;
            // Real and imaginary parts exchanged, before and after, turn a transform into its inverse.
            eight(m, from + mPart, from, mPoint, t, to + part(count), to, count, count);
        }
        for (int b = 0; b < EIGHTS; b++) {
            if (Simd.ENABLED) {
                FourierVector.real(t, b * count, part(count), EIGHTS * count, BACK, 2 * FOURS * b, TURNS, y,
                        yAt + b * step, EIGHTS * step, count);
            } else {
                plainReal(t, b * count, part(count), EIGHTS * count, BACK, 2 * FOURS * b, TURNS, y, yAt + b * step,
                        EIGHTS * step, count);
            }
        }
    }

    /** How much scratch memory the transforms of {@code count} signals need. */
    public static int scratch(int count) {
        return 2 * part(count);
    }

    /** A cache line more, lest real and imaginary parts compete for the same few sets of a cache. */
    private static int part(int count) {
        return POINTS * count + 16;
    }

    private static void eight(float[] x, int re, int im, int step, float[] to, int toRe, int toIm, int toStep,
            int count) {
        if (Simd.ENABLED) {
            FourierVector.eight(x, re, im, step, to, toRe, toIm, toStep, count);
        } else {
            plainEight(x, re, im, step, to, toRe, toIm, toStep, count);
        }
    }

    /** Transforms 4 complex numbers, turned by {@code turns} before and {@code twiddles} after. */
    static void plainFour(float[] x, int re, int im, int step, int xRow, float[] turns, float[] twiddles, int twiddle,
            float[] to, int at, int part, int toStep, int rows, int width) {
        float[] r = new float[FOURS];
        float[] s = new float[FOURS];
        for (int i = 0; i < rows * width; i++) {
            int from = i / width * xRow + i % width;
            for (int a = 0; a < FOURS; a++) {
                float xr = x[re + a * step + from];
                float xi = x[im + a * step + from];
                r[a] = a == 0 ? xr : Math.fma(xr, turns[2 * a], -(xi * turns[2 * a + 1]));
                s[a] = a == 0 ? xi : Math.fma(xr, turns[2 * a + 1], xi * turns[2 * a]);
            }
            float[] yr = {r[0] + r[2] + (r[1] + r[3]), r[0] - r[2] + (s[1] - s[3]), r[0] + r[2] - (r[1] + r[3]),
                r[0] - r[2] - (s[1] - s[3])};
            float[] yi = {s[0] + s[2] + (s[1] + s[3]), s[0] - s[2] - (r[1] - r[3]), s[0] + s[2] - (s[1] + s[3]),
                s[0] - s[2] + (r[1] - r[3])};
            for (int k = 0; k < FOURS; k++) {
                float c = twiddles[twiddle + 2 * k];
                float d = twiddles[twiddle + 2 * k + 1];
                to[at + k * toStep + i] = Math.fma(yr[k], c, -(yi[k] * d));
                to[at + part + k * toStep + i] = Math.fma(yr[k], d, yi[k] * c);
            }
        }
    }

    /** Transforms 8 complex numbers. */
    static void plainEight(float[] x, int re, int im, int step, float[] to, int toRe, int toIm, int toStep, int count) {
        float[] r = new float[EIGHTS];
        float[] s = new float[EIGHTS];
        for (int i = 0; i < count; i++) {
            for (int half = 0; half < 2; half++) {
                int p = half * step + i;
                float r0 = x[re + p];
                float s0 = x[im + p];
                float r1 = x[re + p + 2 * step];
                float s1 = x[im + p + 2 * step];
                float r2 = x[re + p + 4 * step];
                float s2 = x[im + p + 4 * step];
                float r3 = x[re + p + 6 * step];
                float s3 = x[im + p + 6 * step];
                r[half * 4] = r0 + r2 + (r1 + r3);
                s[half * 4] = s0 + s2 + (s1 + s3);
                r[half * 4 + 1] = r0 - r2 + (s1 - s3);
                s[half * 4 + 1] = s0 - s2 - (r1 - r3);
                r[half * 4 + 2] = r0 + r2 - (r1 + r3);
                s[half * 4 + 2] = s0 + s2 - (s1 + s3);
                r[half * 4 + 3] = r0 - r2 - (s1 - s3);
                s[half * 4 + 3] = s0 - s2 + (r1 - r3);
            }
            float[] or = {r[4], (r[5] + s[5]) * HALF_ROOT, s[6], (s[7] - r[7]) * HALF_ROOT};
            float[] os = {s[4], (s[5] - r[5]) * HALF_ROOT, -r[6], (r[7] + s[7]) * -HALF_ROOT};
            for (int k = 0; k < 4; k++) {
                to[toRe + k * toStep + i] = r[k] + or[k];
                to[toIm + k * toStep + i] = s[k] + os[k];
                to[toRe + (k + 4) * toStep + i] = r[k] - or[k];
                to[toIm + (k + 4) * toStep + i] = s[k] - os[k];
            }
        }
    }

    /** The inverse of {@link #plainFour}, real parts only. */
    static void plainReal(float[] t, int at, int part, int step, float[] twiddles, int twiddle, float[] turns,
            float[] y, int to, int toStep, int count) {
        float[] r = new float[FOURS];
        float[] s = new float[FOURS];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < FOURS; k++) {
                float tr = t[at + k * step + i];
                float ti = t[at + part + k * step + i];
                float c = twiddles[twiddle + 2 * k];
                float d = twiddles[twiddle + 2 * k + 1];
                r[k] = Math.fma(tr, c, -(ti * d));
                s[k] = Math.fma(tr, d, ti * c);
            }
            float[] zr = {r[0] + r[2] + (r[1] + r[3]), r[0] - r[2] - (s[1] - s[3]), r[0] + r[2] - (r[1] + r[3]),
                r[0] - r[2] + (s[1] - s[3])};
            float[] zi = {0, s[0] - s[2] + (r[1] - r[3]), s[0] + s[2] - (s[1] + s[3]), s[0] - s[2] - (r[1] - r[3])};
            for (int a = 0; a < FOURS; a++) {
                y[to + a * toStep + i] = a == 0 ? zr[0] : Math.fma(zr[a], turns[2 * a], zi[a] * turns[2 * a + 1]);
            }
        }
    }
}

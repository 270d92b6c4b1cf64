// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

/**
 * The transform behind {@code FourierConvolution}, of {@value #SAMPLES} samples at {@value #POINTS} complex points, for
 * many signals side by side. Products of what it gives are products of polynomials modulo t⁶⁴ + 1. That is divisible by t³²
 * − i, modulo which a real polynomial is 32 complex numbers, xₙ + i·xₙ₊₃₂; with t = ω·s and ω = exp(iπ/64), they become,
 * multiplied by ωⁿ, a polynomial modulo s³² − 1, and its values are a complex discrete Fourier transform of half the
 * length, with no value that is real by chance.
 *
 * <p>The points are in the order in which 8 transforms of 4 and 4 of 8 give them ({@link Butterflies}).
 */
public final class FourierTile {
    public static final int SAMPLES = 64;
    public static final int POINTS = 32;

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
            Butterflies.four(x, first + b * step, second + b * step, EIGHTS * step, xRow, TURNS, TWIDDLES, 2 * FOURS * b, t,
                    b * count, b * count + part(count), EIGHTS * count, rows, width);
        }
        for (int k = 0; k < FOURS; k++) {
            int from = k * EIGHTS * count;
            int to = vAt + k * EIGHTS * vPoint;
            Butterflies.eight(t, from, from + part(count), count, v, to, to + vPart, vPoint, count);
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
            Butterflies.eight(m, from + mPart, from, mPoint, t, to + part(count), to, count, count);
        }
        for (int b = 0; b < EIGHTS; b++) {
            Butterflies.real(t, b * count, b * count + part(count), EIGHTS * count, TURNS, BACK, 2 * FOURS * b, y,
                    yAt + b * step, EIGHTS * step, count);
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
}

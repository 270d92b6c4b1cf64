// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

/**
 * The low-pass of a sampling rate change by up / down, tabulated for every position between two samples at which an output
 * can fall; where those are too many, for a grid of them with linear interpolation in between.
 */
final class PolyphaseFilter {
    /** Of Kaiser's design, in dB; what float32 and interpolation add still leaves the promised 90. */
    private static final double ATTENUATION = 100;

    /** The band in which the response falls, as parts of the lower Nyquist frequency. */
    private static final double PASS_EDGE = 0.9;
    private static final double STOP_EDGE = 1;

    /** Grid points for each sample of the lower rate: linear interpolation between them errs by −119 dB. */
    private static final int GRID = 1024;

    private static final int LANES = 4;

    /** The next term is less than 1e-17 of the sum. */
    private static final int KAISER_TERMS = 25;

    /** Kaiser's window as a polynomial in 1 − x²; its coefficients are I₀'s power series, Σ ((β/2)^k / k!)², over I₀(β). */
    private static final double[] KAISER = kaiser();

    private final int up;
    private final int rows;
    private final int taps;
    private final float[] table;

    PolyphaseFilter(int up, int down) {
        double ratio = Math.max(1, (double) down / up);
        double width = Math.PI * (STOP_EDGE - PASS_EDGE) / ratio;
        double half = (ATTENUATION - 7.95) / (2.285 * width) / 2;
        this.up = up;
        this.rows = Math.min(up, (int) Math.ceil(GRID / ratio));
        this.taps = 2 * LANES * (int) Math.ceil((half + 1) / LANES);
        this.table = new float[(rows + 1) * taps];
        double cutoff = (PASS_EDGE + STOP_EDGE) / 2 / ratio;
        double[] row = new double[taps];
        // The low-pass is even: the second half of the rows mirrors the first.
        for (int r = 0; r <= rows / 2; r++) {
            double sum = 0;
            for (int k = 0; k < taps; k++) {
                double t = k - taps / 2 + 1 - (double) r / rows;
                row[k] = sinc(cutoff * t) * kaiser(t / half);
                sum += row[k];
            }
            for (int k = 0; k < taps; k++) {
                table[r * taps + k] = (float) (row[k] / sum);
                table[(rows - r) * taps + taps - 1 - k] = (float) (row[k] / sum);
            }
        }
    }

    /** The number of samples that one output needs; even. */
    int taps() {
        return taps;
    }

    /** The value at {@code phase / up} behind {@code x[start + taps/2 − 1]}. */
    float apply(float[] x, int start, int phase) {
        if (rows == up) {
            return dot(x, start, phase * taps);
        }
        double position = (double) phase * rows / up;
        int row = (int) position;
        float a = dot(x, start, row * taps);
        float b = dot(x, start, (row + 1) * taps);
        return a + (float) (position - row) * (b - a);
    }

    /** Independent sums, because one alone would wait for every addition to finish. */
    private float dot(float[] x, int start, int from) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int k = 0; k < taps; k += LANES) {
            a = Math.fma(x[start + k], table[from + k], a);
            b = Math.fma(x[start + k + 1], table[from + k + 1], b);
            c = Math.fma(x[start + k + 2], table[from + k + 2], c);
            d = Math.fma(x[start + k + 3], table[from + k + 3], d);
        }
        return a + b + (c + d);
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    private static double[] kaiser() {
        double beta = 0.1102 * (ATTENUATION - 8.7);
        double[] terms = new double[KAISER_TERMS];
        double term = 1;
        double sum = 0;
        for (int k = 0; k < terms.length; k++) {
            terms[k] = term;
            sum += term;
            term *= beta * beta / (4.0 * (k + 1) * (k + 1));
        }
        for (int k = 0; k < terms.length; k++) {
            terms[k] /= sum;
        }
        return terms;
    }

    /** Kaiser's window, 0 outside −1…1. */
    private static double kaiser(double x) {
        if (Math.abs(x) >= 1) {
            return 0;
        }
        double u = 1 - x * x;
        double value = 0;
        for (int k = KAISER.length - 1; k >= 0; k--) {
            value = value * u + KAISER[k];
        }
        return value;
    }
}

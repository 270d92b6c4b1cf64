// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

import aulos.engine.PointwiseFunction;

/** The plain loops of {@code Pointwise}: y[yo + i] = f(x[xo + i], g[go + i]) for i &lt; n. */
public final class PointwiseScalar {
    private PointwiseScalar() {}

    public static void run(PointwiseFunction function, float a, float b, float[] x, int xo, float[] g, int go, float[] y,
            int yo, int n) {
        switch (function) {
            case AFFINE -> affine(a, b, x, xo, y, yo, n);
            case ABS -> abs(x, xo, y, yo, n);
            case SIGN -> sign(x, xo, y, yo, n);
            case SQRT -> sqrt(x, xo, y, yo, n);
            case EXP -> exp(x, xo, y, yo, n);
            case LOG -> log(x, xo, y, yo, n);
            case TANH -> tanh(x, xo, y, yo, n);
            case LEAKY_RELU -> leakyRelu(a, x, xo, y, yo, n);
            case CLAMP_MIN -> clampMin(a, x, xo, y, yo, n);
            case ADD -> add(x, xo, g, go, y, yo, n);
            case SUB -> sub(x, xo, g, go, y, yo, n);
            case MUL -> mul(x, xo, g, go, y, yo, n);
            case DIV -> div(x, xo, g, go, y, yo, n);
            case LEAKY_RELU_GRADIENT -> leakyReluGradient(a, x, xo, g, go, y, yo, n);
            case CLAMP_MIN_GRADIENT -> clampMinGradient(a, x, xo, g, go, y, yo, n);
        }
    }

    public static void affine(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.fma(x[xo + i], a, b);
        }
    }

    public static void abs(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.abs(x[xo + i]);
        }
    }

    public static void sign(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            y[yo + i] = v > 0 ? 1 : v < 0 ? -1 : v;
        }
    }

    public static void sqrt(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (float) Math.sqrt(x[xo + i]);
        }
    }

    /** Rounded from float64; only mels need it. */
    public static void exp(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (float) Math.exp(x[xo + i]);
        }
    }

    /** Rounded from float64; only mels need it. */
    public static void log(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = (float) Math.log(x[xo + i]);
        }
    }

    public static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Tanh.of(x[xo + i]);
        }
    }

    public static void leakyRelu(float a, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            y[yo + i] = v > 0 ? v : a * v;
        }
    }

    public static void clampMin(float a, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            y[yo + i] = v < a ? a : v;
        }
    }

    public static void add(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] + g[go + i];
        }
    }

    public static void sub(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] - g[go + i];
        }
    }

    public static void mul(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] * g[go + i];
        }
    }

    public static void div(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] / g[go + i];
        }
    }

    public static void leakyReluGradient(float a, float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            float v = g[go + i];
            y[yo + i] = x[xo + i] > 0 ? v : a * v;
        }
    }

    public static void clampMinGradient(float a, float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] >= a ? g[go + i] : 0;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import aulos.engine.PointwiseFunction;
import aulos.kernels.cpu.loop.plain.PointwiseScalar;
import jdk.incubator.vector.FloatVector;

/**
 * The vector loops of {@code Pointwise}; what does not fill a vector is done by their twins in {@link PointwiseScalar},
 * which give the same bits.
 */
public final class PointwiseVector {
    private PointwiseVector() {}

    public static void run(PointwiseFunction function, float a, float b, float[] x, int xo, float[] g, int go, float[] y,
            int yo, int n) {
        switch (function) {
            case AFFINE -> affine(a, b, x, xo, y, yo, n);
            case ABS -> abs(x, xo, y, yo, n);
            case SIGN -> sign(x, xo, y, yo, n);
            case SQRT -> sqrt(x, xo, y, yo, n);
            case EXP -> PointwiseScalar.exp(x, xo, y, yo, n);
            case LOG -> PointwiseScalar.log(x, xo, y, yo, n);
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

    private static void affine(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        FloatVector scale = FloatVector.broadcast(S, a);
        FloatVector shift = FloatVector.broadcast(S, b);
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            v.fma(scale, shift).intoArray(y, yo + i);
        }
        PointwiseScalar.affine(a, b, x, xo + i, y, yo + i, n - i);
    }

    private static void abs(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            v.abs().intoArray(y, yo + i);
        }
        PointwiseScalar.abs(x, xo + i, y, yo + i, n - i);
    }

    private static void sign(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            v.blend(1, v.compare(GT, 0)).blend(-1, v.compare(LT, 0)).intoArray(y, yo + i);
        }
        PointwiseScalar.sign(x, xo + i, y, yo + i, n - i);
    }

    private static void sqrt(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            v.sqrt().intoArray(y, yo + i);
        }
        PointwiseScalar.sqrt(x, xo + i, y, yo + i, n - i);
    }

    private static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            TanhVector.of(v).intoArray(y, yo + i);
        }
        PointwiseScalar.tanh(x, xo + i, y, yo + i, n - i);
    }

    private static void leakyRelu(float a, float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            v.mul(a).blend(v, v.compare(GT, 0)).intoArray(y, yo + i);
        }
        PointwiseScalar.leakyRelu(a, x, xo + i, y, yo + i, n - i);
    }

    private static void clampMin(float a, float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            v.blend(a, v.compare(LT, a)).intoArray(y, yo + i);
        }
        PointwiseScalar.clampMin(a, x, xo + i, y, yo + i, n - i);
    }

    static void add(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            FloatVector u = FloatVector.fromArray(S, g, go + i);
            v.add(u).intoArray(y, yo + i);
        }
        PointwiseScalar.add(x, xo + i, g, go + i, y, yo + i, n - i);
    }

    private static void sub(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            FloatVector u = FloatVector.fromArray(S, g, go + i);
            v.sub(u).intoArray(y, yo + i);
        }
        PointwiseScalar.sub(x, xo + i, g, go + i, y, yo + i, n - i);
    }

    private static void mul(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            FloatVector u = FloatVector.fromArray(S, g, go + i);
            v.mul(u).intoArray(y, yo + i);
        }
        PointwiseScalar.mul(x, xo + i, g, go + i, y, yo + i, n - i);
    }

    private static void div(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            FloatVector u = FloatVector.fromArray(S, g, go + i);
            v.div(u).intoArray(y, yo + i);
        }
        PointwiseScalar.div(x, xo + i, g, go + i, y, yo + i, n - i);
    }

    private static void leakyReluGradient(float a, float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            FloatVector u = FloatVector.fromArray(S, g, go + i);
            u.mul(a).blend(u, v.compare(GT, 0)).intoArray(y, yo + i);
        }
        PointwiseScalar.leakyReluGradient(a, x, xo + i, g, go + i, y, yo + i, n - i);
    }

    private static void clampMinGradient(float a, float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        int i = 0;
        for (int bound = S.loopBound(n); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            FloatVector u = FloatVector.fromArray(S, g, go + i);
            u.blend(0, v.compare(GE, a).not()).intoArray(y, yo + i);
        }
        PointwiseScalar.clampMinGradient(a, x, xo + i, g, go + i, y, yo + i, n - i);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@code Stride3Transform}, which states their contracts. Counts are whole vectors. */
public final class Stride3Vector {
    private static final int N = S.length();

    private Stride3Vector() {}

    public static void samples(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = vAt + i;
            FloatVector s0 = fromArray(S, x, from);
            FloatVector s1 = fromArray(S, x, from + step);
            FloatVector s2 = fromArray(S, x, from + 2 * step);
            FloatVector even = s0.add(s2);
            s0.intoArray(v, to);
            even.add(s1).intoArray(v, to + vPoint);
            even.sub(s1).intoArray(v, to + 2 * vPoint);
            s2.intoArray(v, to + 3 * vPoint);
        }
    }

    public static void columns(float[] d, int at, int step, float[] v, int vAt, int vPoint, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = vAt + i;
            FloatVector d0 = fromArray(S, d, from);
            FloatVector d1 = fromArray(S, d, from + step);
            FloatVector d2 = fromArray(S, d, from + 2 * step);
            FloatVector d3 = fromArray(S, d, from + 3 * step);
            d0.sub(d2).intoArray(v, to);
            d1.add(d2).intoArray(v, to + vPoint);
            d2.sub(d1).intoArray(v, to + 2 * vPoint);
            d3.sub(d1).intoArray(v, to + 3 * vPoint);
        }
    }

    public static void taps(float[] w, int first, int second, int sum, int difference, int count) {
        for (int i = 0; i < count; i += N) {
            FloatVector h0 = fromArray(S, w, first + i).mul(0.5f);
            FloatVector h1 = fromArray(S, w, second + i).mul(0.5f);
            h0.add(h1).intoArray(w, sum + i);
            h0.sub(h1).intoArray(w, difference + i);
        }
    }

    public static void addColumns(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = yAt + i;
            FloatVector m0 = fromArray(S, m, from);
            FloatVector m1 = fromArray(S, m, from + mPoint);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint);
            FloatVector m3 = fromArray(S, m, from + 3 * mPoint);
            fromArray(S, y, to).add(m0).intoArray(y, to);
            fromArray(S, y, to + step).add(m1.sub(m2).sub(m3)).intoArray(y, to + step);
            fromArray(S, y, to + 2 * step).add(m1.add(m2).sub(m0)).intoArray(y, to + 2 * step);
            fromArray(S, y, to + 3 * step).add(m3).intoArray(y, to + 3 * step);
        }
    }

    public static void putSamples(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = yAt + i;
            FloatVector b = fromArray(S, bias, biasAt + i);
            FloatVector m1 = fromArray(S, m, from + mPoint);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint);
            FloatVector even = m1.add(m2).add(b);
            fromArray(S, m, from).add(even).intoArray(y, to);
            m1.sub(m2).add(b).intoArray(y, to + step);
            fromArray(S, m, from + 3 * mPoint).add(even).intoArray(y, to + 2 * step);
        }
    }

    public static void putTaps(float[] m, int at, int mPoint, float[] y, int first, int second, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            FloatVector m1 = fromArray(S, m, from + mPoint).mul(0.5f);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint).mul(0.5f);
            fromArray(S, m, from).add(m1.add(m2)).intoArray(y, first + i);
            fromArray(S, m, from + 3 * mPoint).add(m1.sub(m2)).intoArray(y, second + i);
        }
    }
}

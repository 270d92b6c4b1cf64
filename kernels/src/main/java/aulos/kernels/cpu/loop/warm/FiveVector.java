// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import aulos.kernels.cpu.loop.FiveTransform;
import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@link FiveTransform}, which states their contracts. Written out flat, to be inlined. */
public final class FiveVector {
    private static final int N = S.length();

    private FiveVector() {}

    public static void input(float[] x, int at, int step, float[] v, int vAt, int vPoint, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = vAt + i;
            FloatVector d0 = fromArray(S, x, from);
            FloatVector d1 = fromArray(S, x, from + step);
            FloatVector d2 = fromArray(S, x, from + 2 * step);
            FloatVector d3 = fromArray(S, x, from + 3 * step);
            FloatVector d4 = fromArray(S, x, from + 4 * step);
            FloatVector d5 = fromArray(S, x, from + 5 * step);
            FloatVector d6 = fromArray(S, x, from + 6 * step);
            FloatVector d7 = fromArray(S, x, from + 7 * step);
            FloatVector a = broadcast(S, -3.515625f);
            FloatVector b = broadcast(S, 9.37890625f);
            FloatVector c = broadcast(S, -6.125f);
            d1.fma(a, d3.fma(b, d5.fma(c, d7))).intoArray(v, to + 7 * vPoint);
            FloatVector quarter = broadcast(S, -0.25f);
            d0 = d0.fma(quarter, d1);
            d1 = d1.fma(quarter, d2);
            d2 = d2.fma(quarter, d3);
            d3 = d3.fma(quarter, d4);
            d4 = d4.fma(quarter, d5);
            d5 = d5.fma(quarter, d6);
            d6 = d6.fma(quarter, d7);
            d7 = d7.fma(quarter, fromArray(S, x, from + 8 * step));
            d0.fma(a, d2.fma(b, d4.fma(c, d6))).intoArray(v, to);
            d1.fma(a, d3.fma(b, d5.fma(c, d7))).intoArray(v, to + 8 * vPoint);
            FloatVector even = d2.fma(broadcast(S, 0.87890625f), d4.fma(broadcast(S, -2.125f), d6));
            FloatVector odd = d1.fma(broadcast(S, 0.87890625f), d3.fma(broadcast(S, -2.125f), d5));
            odd.fma(broadcast(S, 2), even).intoArray(v, to + vPoint);
            odd.fma(broadcast(S, -2), even).intoArray(v, to + 2 * vPoint);
            even = d2.fma(broadcast(S, 6.25f), d4.fma(broadcast(S, -5.5625f), d6));
            odd = d1.fma(broadcast(S, 6.25f), d3.fma(broadcast(S, -5.5625f), d5));
            odd.fma(broadcast(S, 0.75f), even).intoArray(v, to + 3 * vPoint);
            odd.fma(broadcast(S, -0.75f), even).intoArray(v, to + 4 * vPoint);
            even = d2.fma(broadcast(S, 2.25f), d4.fma(broadcast(S, -4.5625f), d6));
            odd = d1.fma(broadcast(S, 2.25f), d3.fma(broadcast(S, -4.5625f), d5));
            odd.fma(broadcast(S, 1.25f), even).intoArray(v, to + 5 * vPoint);
            odd.fma(broadcast(S, -1.25f), even).intoArray(v, to + 6 * vPoint);
        }
    }

    public static void filter(float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = wAt + i;
            FloatVector g0 = fromArray(S, g, from);
            FloatVector g1 = fromArray(S, g, from + step);
            FloatVector g2 = fromArray(S, g, from + 2 * step);
            FloatVector g3 = fromArray(S, g, from + 3 * step);
            FloatVector g4 = fromArray(S, g, from + 4 * step);
            g0.mul(FiveTransform.AT_0).intoArray(w, to);
            FloatVector even = g4.fma(broadcast(S, 16), g2.fma(broadcast(S, 4), g0));
            FloatVector odd = g3.fma(broadcast(S, 8), g1.mul(2));
            even.add(odd).mul(FiveTransform.AT_TWO).intoArray(w, to + wPoint);
            even.sub(odd).mul(FiveTransform.AT_MINUS_TWO).intoArray(w, to + 2 * wPoint);
            even = g4.fma(broadcast(S, 0.31640625f), g2.fma(broadcast(S, 0.5625f), g0));
            odd = g3.fma(broadcast(S, 0.421875f), g1.mul(0.75f));
            even.add(odd).mul(FiveTransform.AT_THREE_QUARTERS).intoArray(w, to + 3 * wPoint);
            even.sub(odd).mul(FiveTransform.AT_MINUS_THREE_QUARTERS).intoArray(w, to + 4 * wPoint);
            even = g4.fma(broadcast(S, 2.44140625f), g2.fma(broadcast(S, 1.5625f), g0));
            odd = g3.fma(broadcast(S, 1.953125f), g1.mul(1.25f));
            even.add(odd).mul(FiveTransform.AT_FIVE_QUARTERS).intoArray(w, to + 5 * wPoint);
            even.sub(odd).mul(FiveTransform.AT_MINUS_FIVE_QUARTERS).intoArray(w, to + 6 * wPoint);
            FloatVector a = broadcast(S, 0.25f);
            FloatVector quarter = g4.fma(a, g3);
            quarter = quarter.fma(a, g2);
            quarter = quarter.fma(a, g1);
            quarter.fma(a, g0).mul(FiveTransform.AT_QUARTER).intoArray(w, to + 7 * wPoint);
            g4.intoArray(w, to + 8 * wPoint);
        }
    }

    public static void outputs(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int step,
            int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = yAt + i;
            FloatVector b = fromArray(S, bias, biasAt + i);
            FloatVector m1 = fromArray(S, m, from + mPoint);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint);
            FloatVector even1 = m1.add(m2);
            FloatVector odd1 = m1.sub(m2);
            FloatVector m3 = fromArray(S, m, from + 3 * mPoint);
            FloatVector m4 = fromArray(S, m, from + 4 * mPoint);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            FloatVector m5 = fromArray(S, m, from + 5 * mPoint);
            FloatVector m6 = fromArray(S, m, from + 6 * mPoint);
            FloatVector even3 = m5.add(m6);
            FloatVector odd3 = m5.sub(m6);
            FloatVector m7 = fromArray(S, m, from + 7 * mPoint);
            fromArray(S, m, from).add(even1).add(even2).add(even3).add(m7).add(b).intoArray(y, to);
            FloatVector sum = odd1.fma(broadcast(S, 2), b);
            sum = odd3.fma(broadcast(S, 1.25f), odd2.fma(broadcast(S, 0.75f), sum));
            m7.fma(broadcast(S, 0.25f), sum).intoArray(y, to + step);
            sum = even1.fma(broadcast(S, 4), b);
            sum = even3.fma(broadcast(S, 1.5625f), even2.fma(broadcast(S, 0.5625f), sum));
            m7.fma(broadcast(S, 0.0625f), sum).intoArray(y, to + 2 * step);
            sum = odd1.fma(broadcast(S, 8), b);
            sum = odd3.fma(broadcast(S, 1.953125f), odd2.fma(broadcast(S, 0.421875f), sum));
            m7.fma(broadcast(S, 0.015625f), sum).intoArray(y, to + 3 * step);
            sum = even1.fma(broadcast(S, 16), b);
            sum = even3.fma(broadcast(S, 2.44140625f), even2.fma(broadcast(S, 0.31640625f), sum));
            m7.fma(broadcast(S, 0.00390625f), sum).add(fromArray(S, m, from + 8 * mPoint)).intoArray(y, to + 4 * step);
        }
    }
}

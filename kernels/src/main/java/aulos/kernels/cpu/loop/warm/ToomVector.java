// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import aulos.kernels.cpu.loop.ToomTransform;
import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@link ToomTransform}, which states their contracts. Counts are whole vectors. */
public final class ToomVector {
    private static final int N = S.length();

    private ToomVector() {}

    public static void filterOfFive(float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = wAt + i;
            FloatVector g0 = fromArray(S, g, from);
            FloatVector g1 = fromArray(S, g, from + step);
            FloatVector g2 = fromArray(S, g, from + 2 * step);
            FloatVector g3 = fromArray(S, g, from + 3 * step);
            FloatVector g4 = fromArray(S, g, from + 4 * step);
            FloatVector even1 = g0.add(g2).add(g4);
            FloatVector odd1 = g1.add(g3);
            FloatVector even2 = g4.fma(broadcast(S, 16), g2.fma(broadcast(S, 4), g0));
            FloatVector odd2 = g3.fma(broadcast(S, 8), g1.add(g1));
            FloatVector half = g1.fma(broadcast(S, 0.5f), g0);
            half = g2.fma(broadcast(S, 0.25f), half);
            half = g3.fma(broadcast(S, 0.125f), half);
            half = g4.fma(broadcast(S, 0.0625f), half);
            g0.mul(ToomTransform.AT_0).intoArray(w, to);
            even1.add(odd1).mul(ToomTransform.AT_1).intoArray(w, to + wPoint);
            even1.sub(odd1).mul(ToomTransform.AT_MINUS_1).intoArray(w, to + 2 * wPoint);
            even2.add(odd2).mul(ToomTransform.AT_2).intoArray(w, to + 3 * wPoint);
            even2.sub(odd2).mul(ToomTransform.AT_MINUS_2).intoArray(w, to + 4 * wPoint);
            half.mul(ToomTransform.AT_HALF).intoArray(w, to + 5 * wPoint);
            g4.intoArray(w, to + 6 * wPoint);
        }
    }

    public static void filterOfFour(float[] g, int at, int step, float[] w, int wAt, int wPoint, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = wAt + i;
            FloatVector g0 = fromArray(S, g, from);
            FloatVector g1 = fromArray(S, g, from + step);
            FloatVector g2 = fromArray(S, g, from + 2 * step);
            FloatVector g3 = fromArray(S, g, from + 3 * step);
            FloatVector even1 = g0.add(g2);
            FloatVector odd1 = g1.add(g3);
            FloatVector even2 = g2.fma(broadcast(S, 4), g0);
            FloatVector odd2 = g3.fma(broadcast(S, 8), g1.add(g1));
            FloatVector half = g1.fma(broadcast(S, 0.5f), g0);
            half = g2.fma(broadcast(S, 0.25f), half);
            half = g3.fma(broadcast(S, 0.125f), half);
            g0.mul(ToomTransform.AT_0).intoArray(w, to);
            even1.add(odd1).mul(ToomTransform.AT_1).intoArray(w, to + wPoint);
            even1.sub(odd1).mul(ToomTransform.AT_MINUS_1).intoArray(w, to + 2 * wPoint);
            even2.add(odd2).mul(ToomTransform.AT_2).intoArray(w, to + 3 * wPoint);
            even2.sub(odd2).mul(ToomTransform.AT_MINUS_2).intoArray(w, to + 4 * wPoint);
            half.mul(ToomTransform.AT_HALF).intoArray(w, to + 5 * wPoint);
            g3.intoArray(w, to + 6 * wPoint);
        }
    }

    public static void threeOutputs(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = yAt + i;
            FloatVector m1 = fromArray(S, m, from + mPoint);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint);
            FloatVector m3 = fromArray(S, m, from + 3 * mPoint);
            FloatVector m4 = fromArray(S, m, from + 4 * mPoint);
            FloatVector m5 = fromArray(S, m, from + 5 * mPoint);
            FloatVector even1 = m1.add(m2);
            FloatVector odd1 = m1.sub(m2);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            fromArray(S, m, from).add(even1).add(even2).add(m5).intoArray(y, to);
            m5.fma(broadcast(S, 0.5f), odd2.fma(broadcast(S, 2), odd1)).intoArray(y, to + step);
            m5.fma(broadcast(S, 0.25f), even2.fma(broadcast(S, 4), even1)).add(fromArray(S, m, from + 6 * mPoint))
                    .intoArray(y, to + 2 * step);
        }
    }

    public static void fourOutputs(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        for (int i = 0; i < count; i += N) {
            int from = at + i;
            int to = yAt + i;
            FloatVector m1 = fromArray(S, m, from + mPoint);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint);
            FloatVector m3 = fromArray(S, m, from + 3 * mPoint);
            FloatVector m4 = fromArray(S, m, from + 4 * mPoint);
            FloatVector m5 = fromArray(S, m, from + 5 * mPoint);
            FloatVector m6 = fromArray(S, m, from + 6 * mPoint);
            FloatVector even1 = m1.add(m2);
            FloatVector odd1 = m1.sub(m2);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            fromArray(S, m, from).add(even1).add(even2).add(m5).intoArray(y, to);
            m5.fma(broadcast(S, 0.5f), odd2.fma(broadcast(S, 2), odd1)).intoArray(y, to + step);
            m5.fma(broadcast(S, 0.25f), even2.fma(broadcast(S, 4), even1)).intoArray(y, to + 2 * step);
            m5.fma(broadcast(S, 0.125f), odd2.fma(broadcast(S, 8), odd1)).add(m6).intoArray(y, to + 3 * step);
        }
    }
}

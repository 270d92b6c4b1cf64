// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@code GroupedTransform}, which states their contracts. Counts are whole vectors. */
public final class GroupedVector {
    private static final int N = S.length();

    private GroupedVector() {}

    public static void outerFilter(float[] g, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i += N) {
            FloatVector g0 = fromArray(S, g, at + i);
            FloatVector g1 = fromArray(S, g, at + step + i);
            FloatVector g2 = fromArray(S, g, at + 2 * step + i);
            FloatVector even = g0.add(g2);
            g0.neg().intoArray(to, toAt + i);
            even.add(g1).mul(0.5f).intoArray(to, toAt + toStep + i);
            even.sub(g1).mul(0.5f).intoArray(to, toAt + 2 * toStep + i);
            g2.intoArray(to, toAt + 3 * toStep + i);
        }
    }

    public static void addPieces(float[] g, int first, int second, float sign, float[] to, int at, int count) {
        for (int i = 0; i < count; i += N) {
            fromArray(S, g, second + i).fma(broadcast(S, sign), fromArray(S, g, first + i)).intoArray(to, at + i);
        }
    }

    public static void outerTaps(float[] t, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i += N) {
            FloatVector t1 = fromArray(S, t, at + step + i);
            FloatVector t2 = fromArray(S, t, at + 2 * step + i);
            FloatVector even = t1.add(t2).mul(0.5f);
            even.sub(fromArray(S, t, at + i)).intoArray(to, toAt + i);
            t1.sub(t2).mul(0.5f).intoArray(to, toAt + toStep + i);
            even.add(fromArray(S, t, at + 3 * step + i)).intoArray(to, toAt + 2 * toStep + i);
        }
    }

    public static void outputs(float[] m, int at, int mPoint, int next, float sign, float[] y, int yAt, int step, int count) {
        int last = 2 * next;
        for (int i = 0; i < count; i += N) {
            FloatVector a = broadcast(S, sign);
            int p = at + i;
            FloatVector s0 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            p += mPoint;
            FloatVector s1 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            p += mPoint;
            FloatVector s2 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            p += mPoint;
            FloatVector s3 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            p += mPoint;
            FloatVector s4 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            p += mPoint;
            FloatVector s5 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            p += mPoint;
            FloatVector s6 = fromArray(S, m, p + next).fma(a, fromArray(S, m, p)).add(fromArray(S, m, p + last));
            FloatVector even1 = s1.add(s2);
            FloatVector odd1 = s1.sub(s2);
            FloatVector even2 = s3.add(s4);
            FloatVector odd2 = s3.sub(s4);
            int to = yAt + i;
            s0.add(even1).add(even2).add(s5).intoArray(y, to);
            s5.fma(broadcast(S, 0.5f), odd2.fma(broadcast(S, 2), odd1)).intoArray(y, to + step);
            s5.fma(broadcast(S, 0.25f), even2.fma(broadcast(S, 4), even1)).intoArray(y, to + 2 * step);
            s5.fma(broadcast(S, 0.125f), odd2.fma(broadcast(S, 8), odd1)).add(s6).intoArray(y, to + 3 * step);
        }
    }
}

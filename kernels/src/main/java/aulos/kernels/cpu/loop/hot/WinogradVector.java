// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.hot;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * The vector loops behind {@link WinogradTransform}, each for one of its two kinds of form. They are written out flat:
 * what a compiler does not inline would pass vectors as objects.
 */
public final class WinogradVector {
    /** Outputs may be shifted by so many tiles, at most. */
    public static final int MAX_SHIFT = 16;

    private static final int N = S.length();
    private static final int WIDTH = 2 * N;
    private static final int Y_ROW = WIDTH + MAX_SHIFT;

    private WinogradVector() {}

    public static void carry(float[] y, int at, int rows) {
        for (int to = at; to < at + rows * Y_ROW; to += Y_ROW) {
            fromArray(S, y, to + WIDTH).intoArray(y, to);
        }
    }

    public static void inputOfSix(float[] x, int at, int[] offsets, float[] v, int vAt, int vPoint, int count) {
        int p0 = at + offsets[0];
        int p1 = at + offsets[1];
        int p2 = at + offsets[2];
        int p3 = at + offsets[3];
        int p4 = at + offsets[4];
        int p5 = at + offsets[5];
        for (int i = 0; i < count; i += N) {
            int to = vAt + i;
            FloatVector d0 = fromArray(S, x, p0 + i);
            FloatVector d1 = fromArray(S, x, p1 + i);
            FloatVector d2 = fromArray(S, x, p2 + i);
            FloatVector d3 = fromArray(S, x, p3 + i);
            FloatVector d4 = fromArray(S, x, p4 + i);
            FloatVector d5 = fromArray(S, x, p5 + i);
            d0.fma(broadcast(S, 4), d2.fma(broadcast(S, -5), d4)).intoArray(v, to);
            d1.fma(broadcast(S, 4), d3.fma(broadcast(S, -5), d5)).intoArray(v, to + 5 * vPoint);
            FloatVector even1 = d2.fma(broadcast(S, -4), d4);
            FloatVector odd1 = d1.fma(broadcast(S, -4), d3);
            FloatVector even2 = d4.sub(d2);
            FloatVector odd2 = d3.sub(d1);
            even1.add(odd1).intoArray(v, to + vPoint);
            even1.sub(odd1).intoArray(v, to + 2 * vPoint);
            odd2.fma(broadcast(S, 2), even2).intoArray(v, to + 3 * vPoint);
            odd2.fma(broadcast(S, -2), even2).intoArray(v, to + 4 * vPoint);
        }
    }

    public static void inputOfSeven(float[] x, int at, int[] first, int[] second, float sign, float[] v, int vAt, int vPoint,
            int count) {
        int p0 = at + first[0];
        int p1 = at + first[1];
        int p2 = at + first[2];
        int p3 = at + first[3];
        int p4 = at + first[4];
        int p5 = at + first[5];
        int p6 = at + first[6];
        int q0 = at + second[0];
        int q1 = at + second[1];
        int q2 = at + second[2];
        int q3 = at + second[3];
        int q4 = at + second[4];
        int q5 = at + second[5];
        int q6 = at + second[6];
        for (int i = 0; i < count; i += N) {
            int to = vAt + i;
            FloatVector s = broadcast(S, sign);
            FloatVector d0 = fromArray(S, x, q0 + i).fma(s, fromArray(S, x, p0 + i));
            FloatVector d1 = fromArray(S, x, q1 + i).fma(s, fromArray(S, x, p1 + i));
            FloatVector d2 = fromArray(S, x, q2 + i).fma(s, fromArray(S, x, p2 + i));
            FloatVector d3 = fromArray(S, x, q3 + i).fma(s, fromArray(S, x, p3 + i));
            FloatVector d4 = fromArray(S, x, q4 + i).fma(s, fromArray(S, x, p4 + i));
            FloatVector d5 = fromArray(S, x, q5 + i).fma(s, fromArray(S, x, p5 + i));
            FloatVector d6 = fromArray(S, x, q6 + i).fma(s, fromArray(S, x, p6 + i));
            d1.fma(broadcast(S, 4), d3.fma(broadcast(S, -5), d5)).intoArray(v, to + 5 * vPoint);
            FloatVector half = broadcast(S, -0.5f);
            d0 = d0.fma(half, d1);
            d1 = d1.fma(half, d2);
            d2 = d2.fma(half, d3);
            d3 = d3.fma(half, d4);
            d4 = d4.fma(half, d5);
            d5 = d5.fma(half, d6);
            d0.fma(broadcast(S, 4), d2.fma(broadcast(S, -5), d4)).intoArray(v, to);
            d1.fma(broadcast(S, 4), d3.fma(broadcast(S, -5), d5)).intoArray(v, to + 6 * vPoint);
            FloatVector even1 = d2.fma(broadcast(S, -4), d4);
            FloatVector odd1 = d1.fma(broadcast(S, -4), d3);
            FloatVector even2 = d4.sub(d2);
            FloatVector odd2 = d3.sub(d1);
            even1.add(odd1).intoArray(v, to + vPoint);
            even1.sub(odd1).intoArray(v, to + 2 * vPoint);
            odd2.fma(broadcast(S, 2), even2).intoArray(v, to + 3 * vPoint);
            odd2.fma(broadcast(S, -2), even2).intoArray(v, to + 4 * vPoint);
        }
    }

    public static void outputOfSix(float[] m, int at, int mPoint, float[] bias, int biasAt, float[] y, int yAt, int[] offsets,
            int firstOutput, int rows) {
        int y0 = yAt + offsets[firstOutput];
        int y1 = yAt + offsets[firstOutput + 1];
        int y2 = yAt + offsets[firstOutput + 2];
        int y3 = yAt + offsets[firstOutput + 3];
        for (int row = 0; row < rows; row++) {
            int from = at + row * WIDTH;
            int to = row * Y_ROW;
            FloatVector m1 = fromArray(S, m, from + mPoint);
            FloatVector m2 = fromArray(S, m, from + 2 * mPoint);
            FloatVector m3 = fromArray(S, m, from + 3 * mPoint);
            FloatVector m4 = fromArray(S, m, from + 4 * mPoint);
            FloatVector even1 = m1.add(m2).add(bias[biasAt + row]);
            FloatVector odd1 = m1.sub(m2).add(bias[biasAt + row]);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            fromArray(S, m, from).add(even1).add(even2).intoArray(y, y0 + to);
            odd2.fma(broadcast(S, 2), odd1).intoArray(y, y1 + to);
            even2.fma(broadcast(S, 4), even1).intoArray(y, y2 + to);
            odd2.fma(broadcast(S, 8), odd1).add(fromArray(S, m, from + 5 * mPoint)).intoArray(y, y3 + to);
        }
    }

    /** Of the outer points, m[at], weight1 · m[at + next1] and weight2 · m[at + next2] are added up first. */
    public static void outputOfSeven(float[] m, int at, int mPoint, int next1, float weight1, int next2, float weight2,
            float[] bias, int biasAt, float[] y, int yAt, int[] offsets, int firstOutput, int rows) {
        int y0 = yAt + offsets[firstOutput];
        int y1 = yAt + offsets[firstOutput + 1];
        int y2 = yAt + offsets[firstOutput + 2];
        int y3 = yAt + offsets[firstOutput + 3];
        for (int row = 0; row < rows; row++) {
            int from = at + row * WIDTH;
            int to = row * Y_ROW;
            FloatVector a = broadcast(S, weight1);
            FloatVector b = broadcast(S, weight2);
            int p = from;
            FloatVector m0 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            p += mPoint;
            FloatVector m1 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            p += mPoint;
            FloatVector m2 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            p += mPoint;
            FloatVector m3 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            p += mPoint;
            FloatVector m4 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            p += mPoint;
            FloatVector m5 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            p += mPoint;
            FloatVector m6 = fromArray(S, m, p + next2).fma(b, fromArray(S, m, p + next1).fma(a, fromArray(S, m, p)));
            FloatVector even1 = m1.add(m2).add(bias[biasAt + row]);
            FloatVector odd1 = m1.sub(m2).add(bias[biasAt + row]);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            m0.add(even1).add(even2).add(m5).intoArray(y, y0 + to);
            m5.fma(broadcast(S, 0.5f), odd2.fma(broadcast(S, 2), odd1)).intoArray(y, y1 + to);
            m5.fma(broadcast(S, 0.25f), even2.fma(broadcast(S, 4), even1)).intoArray(y, y2 + to);
            m5.fma(broadcast(S, 0.125f), odd2.fma(broadcast(S, 8), odd1).add(m6)).intoArray(y, y3 + to);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@code PairTile.add}, which states their contract. */
public final class PairVector {
    private static final int N = S.length();

    private PairVector() {}

    public static void add8x2(float[] x, int[] offsets, int row, int[] places, int from, int count,
            float[] gradient, int at, float[] sums, int sumAt) {
        int p0 = offsets[row];
        int p1 = offsets[row + 1];
        int p2 = offsets[row + 2];
        int p3 = offsets[row + 3];
        int p4 = offsets[row + 4];
        int p5 = offsets[row + 5];
        int p6 = offsets[row + 6];
        int p7 = offsets[row + 7];
        FloatVector a0 = zero(S);
        FloatVector a1 = zero(S);
        FloatVector b0 = zero(S);
        FloatVector b1 = zero(S);
        FloatVector c0 = zero(S);
        FloatVector c1 = zero(S);
        FloatVector d0 = zero(S);
        FloatVector d1 = zero(S);
        FloatVector e0 = zero(S);
        FloatVector e1 = zero(S);
        FloatVector f0 = zero(S);
        FloatVector f1 = zero(S);
        FloatVector g0 = zero(S);
        FloatVector g1 = zero(S);
        FloatVector h0 = zero(S);
        FloatVector h1 = zero(S);
        for (int i = 0; i < count; i++) {
            int place = places[from + i];
            FloatVector y0 = fromArray(S, gradient, at + 2 * N * i);
            FloatVector y1 = fromArray(S, gradient, at + 2 * N * i + N);
            FloatVector v = broadcast(S, x[p0 + place]);
            a0 = y0.fma(v, a0);
            a1 = y1.fma(v, a1);
            v = broadcast(S, x[p1 + place]);
            b0 = y0.fma(v, b0);
            b1 = y1.fma(v, b1);
            v = broadcast(S, x[p2 + place]);
            c0 = y0.fma(v, c0);
            c1 = y1.fma(v, c1);
            v = broadcast(S, x[p3 + place]);
            d0 = y0.fma(v, d0);
            d1 = y1.fma(v, d1);
            v = broadcast(S, x[p4 + place]);
            e0 = y0.fma(v, e0);
            e1 = y1.fma(v, e1);
            v = broadcast(S, x[p5 + place]);
            f0 = y0.fma(v, f0);
            f1 = y1.fma(v, f1);
            v = broadcast(S, x[p6 + place]);
            g0 = y0.fma(v, g0);
            g1 = y1.fma(v, g1);
            v = broadcast(S, x[p7 + place]);
            h0 = y0.fma(v, h0);
            h1 = y1.fma(v, h1);
        }
        // Written out, as a method that takes vectors is not always inlined, and then gets them as objects.
        fromArray(S, sums, sumAt).add(a0).intoArray(sums, sumAt);
        fromArray(S, sums, sumAt + N).add(a1).intoArray(sums, sumAt + N);
        fromArray(S, sums, sumAt + 2 * N).add(b0).intoArray(sums, sumAt + 2 * N);
        fromArray(S, sums, sumAt + 3 * N).add(b1).intoArray(sums, sumAt + 3 * N);
        fromArray(S, sums, sumAt + 4 * N).add(c0).intoArray(sums, sumAt + 4 * N);
        fromArray(S, sums, sumAt + 5 * N).add(c1).intoArray(sums, sumAt + 5 * N);
        fromArray(S, sums, sumAt + 6 * N).add(d0).intoArray(sums, sumAt + 6 * N);
        fromArray(S, sums, sumAt + 7 * N).add(d1).intoArray(sums, sumAt + 7 * N);
        fromArray(S, sums, sumAt + 8 * N).add(e0).intoArray(sums, sumAt + 8 * N);
        fromArray(S, sums, sumAt + 9 * N).add(e1).intoArray(sums, sumAt + 9 * N);
        fromArray(S, sums, sumAt + 10 * N).add(f0).intoArray(sums, sumAt + 10 * N);
        fromArray(S, sums, sumAt + 11 * N).add(f1).intoArray(sums, sumAt + 11 * N);
        fromArray(S, sums, sumAt + 12 * N).add(g0).intoArray(sums, sumAt + 12 * N);
        fromArray(S, sums, sumAt + 13 * N).add(g1).intoArray(sums, sumAt + 13 * N);
        fromArray(S, sums, sumAt + 14 * N).add(h0).intoArray(sums, sumAt + 14 * N);
        fromArray(S, sums, sumAt + 15 * N).add(h1).intoArray(sums, sumAt + 15 * N);
    }

    public static void add8x1(float[] x, int[] offsets, int row, int[] places, int from, int count,
            float[] gradient, int at, float[] sums, int sumAt) {
        int p0 = offsets[row];
        int p1 = offsets[row + 1];
        int p2 = offsets[row + 2];
        int p3 = offsets[row + 3];
        int p4 = offsets[row + 4];
        int p5 = offsets[row + 5];
        int p6 = offsets[row + 6];
        int p7 = offsets[row + 7];
        FloatVector a = zero(S);
        FloatVector b = zero(S);
        FloatVector c = zero(S);
        FloatVector d = zero(S);
        FloatVector e = zero(S);
        FloatVector f = zero(S);
        FloatVector g = zero(S);
        FloatVector h = zero(S);
        for (int i = 0; i < count; i++) {
            int place = places[from + i];
            FloatVector y0 = fromArray(S, gradient, at + N * i);
            FloatVector v = broadcast(S, x[p0 + place]);
            a = y0.fma(v, a);
            v = broadcast(S, x[p1 + place]);
            b = y0.fma(v, b);
            v = broadcast(S, x[p2 + place]);
            c = y0.fma(v, c);
            v = broadcast(S, x[p3 + place]);
            d = y0.fma(v, d);
            v = broadcast(S, x[p4 + place]);
            e = y0.fma(v, e);
            v = broadcast(S, x[p5 + place]);
            f = y0.fma(v, f);
            v = broadcast(S, x[p6 + place]);
            g = y0.fma(v, g);
            v = broadcast(S, x[p7 + place]);
            h = y0.fma(v, h);
        }
        fromArray(S, sums, sumAt).add(a).intoArray(sums, sumAt);
        fromArray(S, sums, sumAt + N).add(b).intoArray(sums, sumAt + N);
        fromArray(S, sums, sumAt + 2 * N).add(c).intoArray(sums, sumAt + 2 * N);
        fromArray(S, sums, sumAt + 3 * N).add(d).intoArray(sums, sumAt + 3 * N);
        fromArray(S, sums, sumAt + 4 * N).add(e).intoArray(sums, sumAt + 4 * N);
        fromArray(S, sums, sumAt + 5 * N).add(f).intoArray(sums, sumAt + 5 * N);
        fromArray(S, sums, sumAt + 6 * N).add(g).intoArray(sums, sumAt + 6 * N);
        fromArray(S, sums, sumAt + 7 * N).add(h).intoArray(sums, sumAt + 7 * N);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@code LaneTile.add}, which states their contract. */
public final class LaneVector {
    private static final int N = S.length();

    private LaneVector() {}

    public static void add8x2(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end,
            float sign, float[] sums, int sumAt) {
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
        for (int n = from; n < end; n++) {
            int p = wAt + wPlaces[n];
            int q = xAt + xPlaces[n];
            FloatVector x0 = fromArray(S, x, q);
            FloatVector x1 = fromArray(S, x, q + N);
            FloatVector v = broadcast(S, w[p]);
            a0 = x0.fma(v, a0);
            a1 = x1.fma(v, a1);
            v = broadcast(S, w[p + 1]);
            b0 = x0.fma(v, b0);
            b1 = x1.fma(v, b1);
            v = broadcast(S, w[p + 2]);
            c0 = x0.fma(v, c0);
            c1 = x1.fma(v, c1);
            v = broadcast(S, w[p + 3]);
            d0 = x0.fma(v, d0);
            d1 = x1.fma(v, d1);
            v = broadcast(S, w[p + 4]);
            e0 = x0.fma(v, e0);
            e1 = x1.fma(v, e1);
            v = broadcast(S, w[p + 5]);
            f0 = x0.fma(v, f0);
            f1 = x1.fma(v, f1);
            v = broadcast(S, w[p + 6]);
            g0 = x0.fma(v, g0);
            g1 = x1.fma(v, g1);
            v = broadcast(S, w[p + 7]);
            h0 = x0.fma(v, h0);
            h1 = x1.fma(v, h1);
        }
        // Written out, as a method that takes vectors is not always inlined, and then gets them as objects.
        FloatVector s = broadcast(S, sign);
        a0.fma(s, fromArray(S, sums, sumAt)).intoArray(sums, sumAt);
        a1.fma(s, fromArray(S, sums, sumAt + N)).intoArray(sums, sumAt + N);
        b0.fma(s, fromArray(S, sums, sumAt + 2 * N)).intoArray(sums, sumAt + 2 * N);
        b1.fma(s, fromArray(S, sums, sumAt + 3 * N)).intoArray(sums, sumAt + 3 * N);
        c0.fma(s, fromArray(S, sums, sumAt + 4 * N)).intoArray(sums, sumAt + 4 * N);
        c1.fma(s, fromArray(S, sums, sumAt + 5 * N)).intoArray(sums, sumAt + 5 * N);
        d0.fma(s, fromArray(S, sums, sumAt + 6 * N)).intoArray(sums, sumAt + 6 * N);
        d1.fma(s, fromArray(S, sums, sumAt + 7 * N)).intoArray(sums, sumAt + 7 * N);
        e0.fma(s, fromArray(S, sums, sumAt + 8 * N)).intoArray(sums, sumAt + 8 * N);
        e1.fma(s, fromArray(S, sums, sumAt + 9 * N)).intoArray(sums, sumAt + 9 * N);
        f0.fma(s, fromArray(S, sums, sumAt + 10 * N)).intoArray(sums, sumAt + 10 * N);
        f1.fma(s, fromArray(S, sums, sumAt + 11 * N)).intoArray(sums, sumAt + 11 * N);
        g0.fma(s, fromArray(S, sums, sumAt + 12 * N)).intoArray(sums, sumAt + 12 * N);
        g1.fma(s, fromArray(S, sums, sumAt + 13 * N)).intoArray(sums, sumAt + 13 * N);
        h0.fma(s, fromArray(S, sums, sumAt + 14 * N)).intoArray(sums, sumAt + 14 * N);
        h1.fma(s, fromArray(S, sums, sumAt + 15 * N)).intoArray(sums, sumAt + 15 * N);
    }

    public static void add8x1(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end,
            float sign, float[] sums, int sumAt) {
        FloatVector a0 = zero(S);
        FloatVector b0 = zero(S);
        FloatVector c0 = zero(S);
        FloatVector d0 = zero(S);
        FloatVector e0 = zero(S);
        FloatVector f0 = zero(S);
        FloatVector g0 = zero(S);
        FloatVector h0 = zero(S);
        for (int n = from; n < end; n++) {
            int p = wAt + wPlaces[n];
            int q = xAt + xPlaces[n];
            FloatVector x0 = fromArray(S, x, q);
            FloatVector v = broadcast(S, w[p]);
            a0 = x0.fma(v, a0);
            v = broadcast(S, w[p + 1]);
            b0 = x0.fma(v, b0);
            v = broadcast(S, w[p + 2]);
            c0 = x0.fma(v, c0);
            v = broadcast(S, w[p + 3]);
            d0 = x0.fma(v, d0);
            v = broadcast(S, w[p + 4]);
            e0 = x0.fma(v, e0);
            v = broadcast(S, w[p + 5]);
            f0 = x0.fma(v, f0);
            v = broadcast(S, w[p + 6]);
            g0 = x0.fma(v, g0);
            v = broadcast(S, w[p + 7]);
            h0 = x0.fma(v, h0);
        }
        // Written out, as a method that takes vectors is not always inlined, and then gets them as objects.
        FloatVector s = broadcast(S, sign);
        a0.fma(s, fromArray(S, sums, sumAt)).intoArray(sums, sumAt);
        b0.fma(s, fromArray(S, sums, sumAt + N)).intoArray(sums, sumAt + N);
        c0.fma(s, fromArray(S, sums, sumAt + 2 * N)).intoArray(sums, sumAt + 2 * N);
        d0.fma(s, fromArray(S, sums, sumAt + 3 * N)).intoArray(sums, sumAt + 3 * N);
        e0.fma(s, fromArray(S, sums, sumAt + 4 * N)).intoArray(sums, sumAt + 4 * N);
        f0.fma(s, fromArray(S, sums, sumAt + 5 * N)).intoArray(sums, sumAt + 5 * N);
        g0.fma(s, fromArray(S, sums, sumAt + 6 * N)).intoArray(sums, sumAt + 6 * N);
        h0.fma(s, fromArray(S, sums, sumAt + 7 * N)).intoArray(sums, sumAt + 7 * N);
    }
}

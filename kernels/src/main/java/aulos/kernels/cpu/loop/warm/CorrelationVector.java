// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** The vector loop behind {@code CorrelationTile.run}, which states its contract. */
public final class CorrelationVector {
    private static final int N = S.length();

    private CorrelationVector() {}

    public static void tile4x4(float[] gradient, int[] gOffsets, float[] input, int[] xOffsets, int first, int from,
            int columns, float[] sums, int sumOffset) {
        int q0 = gOffsets[0];
        int q1 = gOffsets[1];
        int q2 = gOffsets[2];
        int q3 = gOffsets[3];
        int p0 = xOffsets[first];
        int p1 = xOffsets[first + 1];
        int p2 = xOffsets[first + 2];
        int p3 = xOffsets[first + 3];
        FloatVector a0 = fromArray(S, sums, sumOffset);
        FloatVector a1 = fromArray(S, sums, sumOffset + N);
        FloatVector a2 = fromArray(S, sums, sumOffset + 2 * N);
        FloatVector a3 = fromArray(S, sums, sumOffset + 3 * N);
        FloatVector b0 = fromArray(S, sums, sumOffset + 4 * N);
        FloatVector b1 = fromArray(S, sums, sumOffset + 5 * N);
        FloatVector b2 = fromArray(S, sums, sumOffset + 6 * N);
        FloatVector b3 = fromArray(S, sums, sumOffset + 7 * N);
        FloatVector c0 = fromArray(S, sums, sumOffset + 8 * N);
        FloatVector c1 = fromArray(S, sums, sumOffset + 9 * N);
        FloatVector c2 = fromArray(S, sums, sumOffset + 10 * N);
        FloatVector c3 = fromArray(S, sums, sumOffset + 11 * N);
        FloatVector d0 = fromArray(S, sums, sumOffset + 12 * N);
        FloatVector d1 = fromArray(S, sums, sumOffset + 13 * N);
        FloatVector d2 = fromArray(S, sums, sumOffset + 14 * N);
        FloatVector d3 = fromArray(S, sums, sumOffset + 15 * N);
        for (int u = from; u < from + columns; u += N) {
            FloatVector x0 = fromArray(S, input, p0 + u);
            FloatVector x1 = fromArray(S, input, p1 + u);
            FloatVector x2 = fromArray(S, input, p2 + u);
            FloatVector x3 = fromArray(S, input, p3 + u);
            FloatVector v = fromArray(S, gradient, q0 + u);
            a0 = x0.fma(v, a0);
            a1 = x1.fma(v, a1);
            a2 = x2.fma(v, a2);
            a3 = x3.fma(v, a3);
            v = fromArray(S, gradient, q1 + u);
            b0 = x0.fma(v, b0);
            b1 = x1.fma(v, b1);
            b2 = x2.fma(v, b2);
            b3 = x3.fma(v, b3);
            v = fromArray(S, gradient, q2 + u);
            c0 = x0.fma(v, c0);
            c1 = x1.fma(v, c1);
            c2 = x2.fma(v, c2);
            c3 = x3.fma(v, c3);
            v = fromArray(S, gradient, q3 + u);
            d0 = x0.fma(v, d0);
            d1 = x1.fma(v, d1);
            d2 = x2.fma(v, d2);
            d3 = x3.fma(v, d3);
        }
        a0.intoArray(sums, sumOffset);
        a1.intoArray(sums, sumOffset + N);
        a2.intoArray(sums, sumOffset + 2 * N);
        a3.intoArray(sums, sumOffset + 3 * N);
        b0.intoArray(sums, sumOffset + 4 * N);
        b1.intoArray(sums, sumOffset + 5 * N);
        b2.intoArray(sums, sumOffset + 6 * N);
        b3.intoArray(sums, sumOffset + 7 * N);
        c0.intoArray(sums, sumOffset + 8 * N);
        c1.intoArray(sums, sumOffset + 9 * N);
        c2.intoArray(sums, sumOffset + 10 * N);
        c3.intoArray(sums, sumOffset + 11 * N);
        d0.intoArray(sums, sumOffset + 12 * N);
        d1.intoArray(sums, sumOffset + 13 * N);
        d2.intoArray(sums, sumOffset + 14 * N);
        d3.intoArray(sums, sumOffset + 15 * N);
    }
}

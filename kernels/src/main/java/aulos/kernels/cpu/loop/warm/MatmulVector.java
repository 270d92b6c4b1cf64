// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;

import aulos.kernels.cpu.loop.plain.MatmulScalar;
import aulos.kernels.cpu.loop.plain.SumScalar;
import jdk.incubator.vector.FloatVector;

/** The vector loops of {@code Matmul}, with the same bits as {@link MatmulScalar}. */
public final class MatmulVector {
    private MatmulVector() {}

    /** As {@link MatmulScalar#tile}. */
    public static void tile(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        for (int column = 0; column < MatmulScalar.PANEL; column += 2 * S.length()) {
            sixByTwo(a, ao, rows, b, bo + column, depth, c, co + column, pitch);
        }
    }

    /**
     * Six rows by two vectors of columns: twelve sums fill the registers of a machine with sixteen. Rows past
     * {@code rows} repeat the last one, and write the same values to the same place.
     */
    private static void sixByTwo(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co,
            int pitch) {
        int w = S.length();
        int i1 = Math.min(1, rows - 1);
        int i2 = Math.min(2, rows - 1);
        int i3 = Math.min(3, rows - 1);
        int i4 = Math.min(4, rows - 1);
        int i5 = Math.min(5, rows - 1);
        int a1 = ao + i1 * depth;
        int a2 = ao + i2 * depth;
        int a3 = ao + i3 * depth;
        int a4 = ao + i4 * depth;
        int a5 = ao + i5 * depth;
        FloatVector p0 = FloatVector.zero(S);
        FloatVector q0 = FloatVector.zero(S);
        FloatVector p1 = FloatVector.zero(S);
        FloatVector q1 = FloatVector.zero(S);
        FloatVector p2 = FloatVector.zero(S);
        FloatVector q2 = FloatVector.zero(S);
        FloatVector p3 = FloatVector.zero(S);
        FloatVector q3 = FloatVector.zero(S);
        FloatVector p4 = FloatVector.zero(S);
        FloatVector q4 = FloatVector.zero(S);
        FloatVector p5 = FloatVector.zero(S);
        FloatVector q5 = FloatVector.zero(S);
        for (int k = 0; k < depth; k++) {
            int at = bo + k * MatmulScalar.PANEL;
            FloatVector left = FloatVector.fromArray(S, b, at);
            FloatVector right = FloatVector.fromArray(S, b, at + w);
            FloatVector f0 = FloatVector.broadcast(S, a[ao + k]);
            p0 = f0.fma(left, p0);
            q0 = f0.fma(right, q0);
            FloatVector f1 = FloatVector.broadcast(S, a[a1 + k]);
            p1 = f1.fma(left, p1);
            q1 = f1.fma(right, q1);
            FloatVector f2 = FloatVector.broadcast(S, a[a2 + k]);
            p2 = f2.fma(left, p2);
            q2 = f2.fma(right, q2);
            FloatVector f3 = FloatVector.broadcast(S, a[a3 + k]);
            p3 = f3.fma(left, p3);
            q3 = f3.fma(right, q3);
            FloatVector f4 = FloatVector.broadcast(S, a[a4 + k]);
            p4 = f4.fma(left, p4);
            q4 = f4.fma(right, q4);
            FloatVector f5 = FloatVector.broadcast(S, a[a5 + k]);
            p5 = f5.fma(left, p5);
            q5 = f5.fma(right, q5);
        }
        p0.intoArray(c, co);
        q0.intoArray(c, co + w);
        p1.intoArray(c, co + i1 * pitch);
        q1.intoArray(c, co + i1 * pitch + w);
        p2.intoArray(c, co + i2 * pitch);
        q2.intoArray(c, co + i2 * pitch + w);
        p3.intoArray(c, co + i3 * pitch);
        q3.intoArray(c, co + i3 * pitch + w);
        p4.intoArray(c, co + i4 * pitch);
        q4.intoArray(c, co + i4 * pitch + w);
        p5.intoArray(c, co + i5 * pitch);
        q5.intoArray(c, co + i5 * pitch + w);
    }

    /** As {@link MatmulScalar#dots}. */
    public static void dots(float[] a, int ao, float[] b, int bo, int rows, float[] lanes) {
        int w = S.length();
        for (int lane = 0; lane < SumScalar.LANES; lane += 4 * w) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            for (int at = lane; at < rows * SumScalar.LANES; at += SumScalar.LANES) {
                s0 = FloatVector.fromArray(S, a, ao + at).fma(FloatVector.fromArray(S, b, bo + at), s0);
                s1 = FloatVector.fromArray(S, a, ao + at + w).fma(FloatVector.fromArray(S, b, bo + at + w), s1);
                s2 = FloatVector.fromArray(S, a, ao + at + 2 * w).fma(FloatVector.fromArray(S, b, bo + at + 2 * w), s2);
                s3 = FloatVector.fromArray(S, a, ao + at + 3 * w).fma(FloatVector.fromArray(S, b, bo + at + 3 * w), s3);
            }
            s0.intoArray(lanes, lane);
            s1.intoArray(lanes, lane + w);
            s2.intoArray(lanes, lane + 2 * w);
            s3.intoArray(lanes, lane + 3 * w);
        }
    }
}

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
            PanelVector.tile6x2(a, ao, rows, b, bo + column, MatmulScalar.PANEL, depth, c, co + column, pitch);
        }
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

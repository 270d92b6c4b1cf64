// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import aulos.kernels.cpu.loop.plain.MeanAbsoluteErrorScalar;
import aulos.kernels.cpu.loop.plain.SumScalar;
import jdk.incubator.vector.FloatVector;

/** The vector loops of {@code MeanAbsoluteError}, with the same bits as {@link MeanAbsoluteErrorScalar}. */
public final class MeanAbsoluteErrorVector {
    private MeanAbsoluteErrorVector() {}

    public static void columns(float[] a, float[] b, int offset, int rows, int width, float[] sums) {
        int w = S.length();
        int i = 0;
        for (; i + 4 * w <= width; i += 4 * w) {
            int at = offset + i;
            FloatVector s0 = distance(a, b, at);
            FloatVector s1 = distance(a, b, at + w);
            FloatVector s2 = distance(a, b, at + 2 * w);
            FloatVector s3 = distance(a, b, at + 3 * w);
            for (int row = 1; row < rows; row++) {
                at += SumScalar.LANES;
                s0 = s0.add(distance(a, b, at));
                s1 = s1.add(distance(a, b, at + w));
                s2 = s2.add(distance(a, b, at + 2 * w));
                s3 = s3.add(distance(a, b, at + 3 * w));
            }
            s0.intoArray(sums, i);
            s1.intoArray(sums, i + w);
            s2.intoArray(sums, i + 2 * w);
            s3.intoArray(sums, i + 3 * w);
        }
        MeanAbsoluteErrorScalar.columns(a, b, offset, rows, i, width, sums);
    }

    private static FloatVector distance(float[] a, float[] b, int at) {
        return FloatVector.fromArray(S, a, at).sub(FloatVector.fromArray(S, b, at)).abs();
    }

    public static void signs(float[] a, float[] b, float factor, float[] y, int from, int to) {
        int i = from;
        for (int bound = from + S.loopBound(to - from); i < bound; i += S.length()) {
            FloatVector v = FloatVector.fromArray(S, a, i).sub(FloatVector.fromArray(S, b, i));
            v.blend(1, v.compare(GT, 0)).blend(-1, v.compare(LT, 0)).mul(factor).intoArray(y, i);
        }
        MeanAbsoluteErrorScalar.signs(a, b, factor, y, i, to);
    }
}

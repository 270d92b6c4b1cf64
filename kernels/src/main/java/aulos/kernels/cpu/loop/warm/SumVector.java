// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;

import aulos.kernels.cpu.loop.plain.SumScalar;
import jdk.incubator.vector.FloatVector;

/** The vector loop of {@code Sum}, with the same bits as {@link SumScalar}. */
public final class SumVector {
    private SumVector() {}

    /** sums[i] = x[offset + i] + x[offset + stride + i] + …, {@code rows} terms, for i &lt; width. */
    public static void columns(float[] x, int offset, int stride, int rows, int width, float[] sums) {
        int w = S.length();
        int i = 0;
        for (; i + 4 * w <= width; i += 4 * w) {
            int at = offset + i;
            FloatVector s0 = FloatVector.fromArray(S, x, at);
            FloatVector s1 = FloatVector.fromArray(S, x, at + w);
            FloatVector s2 = FloatVector.fromArray(S, x, at + 2 * w);
            FloatVector s3 = FloatVector.fromArray(S, x, at + 3 * w);
            for (int row = 1; row < rows; row++) {
                at += stride;
                s0 = s0.add(FloatVector.fromArray(S, x, at));
                s1 = s1.add(FloatVector.fromArray(S, x, at + w));
                s2 = s2.add(FloatVector.fromArray(S, x, at + 2 * w));
                s3 = s3.add(FloatVector.fromArray(S, x, at + 3 * w));
            }
            s0.intoArray(sums, i);
            s1.intoArray(sums, i + w);
            s2.intoArray(sums, i + 2 * w);
            s3.intoArray(sums, i + 3 * w);
        }
        SumScalar.columns(x, offset, stride, rows, i, width, sums);
    }
}

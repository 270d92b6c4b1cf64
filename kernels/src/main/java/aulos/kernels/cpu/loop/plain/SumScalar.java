// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

/** The plain loop of {@code Sum}. */
public final class SumScalar {
    /** Separate sums along contiguous memory. */
    public static final int LANES = 64;
    /** Terms per float32 sum. */
    public static final int DEPTH = 64;

    private SumScalar() {}

    /** sums[i] = x[offset + i] + x[offset + stride + i] + …, {@code rows} terms, for i from {@code from} to to − 1. */
    public static void columns(float[] x, int offset, int stride, int rows, int from, int to, float[] sums) {
        System.arraycopy(x, offset + from, sums, from, to - from);
        for (int row = 1; row < rows; row++) {
            int start = offset + row * stride;
            for (int i = from; i < to; i++) {
                sums[i] += x[start + i];
            }
        }
    }
}

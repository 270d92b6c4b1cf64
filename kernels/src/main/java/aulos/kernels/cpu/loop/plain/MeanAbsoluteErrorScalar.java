// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

/** The plain loops of {@code MeanAbsoluteError}. */
public final class MeanAbsoluteErrorScalar {
    private MeanAbsoluteErrorScalar() {}

    /**
     * sums[i] = |a − b|[offset + i] + |a − b|[offset + {@link SumScalar#LANES} + i] + …, {@code rows} terms, for i from
     * {@code from} to to − 1.
     */
    public static void columns(float[] a, float[] b, int offset, int rows, int from, int to, float[] sums) {
        for (int i = from; i < to; i++) {
            sums[i] = Math.abs(a[offset + i] - b[offset + i]);
        }
        for (int row = 1; row < rows; row++) {
            int start = offset + row * SumScalar.LANES;
            for (int i = from; i < to; i++) {
                sums[i] += Math.abs(a[start + i] - b[start + i]);
            }
        }
    }

    /** y[i] = sign(a[i] − b[i])·factor for i from {@code from} to to − 1. */
    public static void signs(float[] a, float[] b, float factor, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            y[i] = Math.signum(a[i] - b[i]) * factor;
        }
    }
}

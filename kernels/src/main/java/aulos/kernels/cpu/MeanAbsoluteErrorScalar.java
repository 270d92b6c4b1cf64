// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** The plain loops of {@link MeanAbsoluteError}. */
final class MeanAbsoluteErrorScalar {
    private MeanAbsoluteErrorScalar() {}

    /**
     * sums[i] = |a − b|[offset + i] + |a − b|[offset + {@link Sum#LANES} + i] + …, {@code rows} terms, for i from
     * {@code from} to to − 1.
     */
    static void columns(float[] a, float[] b, int offset, int rows, int from, int to, float[] sums) {
        for (int i = from; i < to; i++) {
            sums[i] = Math.abs(a[offset + i] - b[offset + i]);
        }
        for (int row = 1; row < rows; row++) {
            int start = offset + row * Sum.LANES;
            for (int i = from; i < to; i++) {
                sums[i] += Math.abs(a[start + i] - b[start + i]);
            }
        }
    }

    /** y[i] = sign(a[i] − b[i])·factor for i from {@code from} to to − 1. */
    static void signs(float[] a, float[] b, float factor, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            y[i] = Math.signum(a[i] - b[i]) * factor;
        }
    }
}

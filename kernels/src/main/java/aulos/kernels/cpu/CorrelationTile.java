// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** The micro-kernel of {@link TapCorrelation}: {@value #ROWS} gradient rows against {@value #PAIRS} input rows. */
final class CorrelationTile {
    static final int ROWS = 4;
    static final int PAIRS = 4;
    /** Partial sums of each product; columns come in multiples of it. */
    static final int LANES = Simd.ENABLED ? Simd.WIDTH : 16;

    private CorrelationTile() {}

    /**
     * sums[(r·PAIRS + p)·LANES + l] += Σ over u ≡ l mod LANES, u &lt; columns, of gradient[gOffset + r·gStride + u] ·
     * input[offsets[first + p] + u], at {@code sumOffset}, in ascending order of u by fused multiply–adds.
     */
    static void run(float[] gradient, int gOffset, int gStride, float[] input, int[] offsets, int first, int columns,
            float[] sums, int sumOffset) {
        if (Simd.ENABLED) {
            VectorCorrelation.tile4x4(gradient, gOffset, gStride, input, offsets, first, columns, sums, sumOffset);
            return;
        }
        for (int r = 0; r < ROWS; r++) {
            for (int p = 0; p < PAIRS; p++) {
                int g = gOffset + r * gStride;
                int x = offsets[first + p];
                int sum = sumOffset + (r * PAIRS + p) * LANES;
                for (int u = 0; u < columns; u += LANES) {
                    for (int l = 0; l < LANES; l++) {
                        sums[sum + l] = Math.fma(gradient[g + u + l], input[x + u + l], sums[sum + l]);
                    }
                }
            }
        }
    }
}

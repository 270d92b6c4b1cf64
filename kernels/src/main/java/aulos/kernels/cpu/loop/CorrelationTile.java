// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.run.Simd;

/** The micro-kernel of {@code TapCorrelation}: {@value #ROWS} gradient rows against {@value #PAIRS} input rows. */
public final class CorrelationTile {
    public static final int ROWS = 4;
    public static final int PAIRS = 4;
    /** Partial sums of each product; columns come in multiples of it. */
    public static final int LANES = Simd.floats(1, 16);

    private CorrelationTile() {}

    /**
     * sums[(r·PAIRS + p)·LANES + l] += Σ over u ≡ l mod LANES of gradient[gOffsets[r] + u] · input[xOffsets[first + p]
     * + u], at {@code sumOffset}, for u from {@code from} to {@code from + columns − 1} in ascending order, by fused
     * multiply–adds.
     */
    public static void run(float[] gradient, int[] gOffsets, float[] input, int[] xOffsets, int first, int from, int columns,
            float[] sums, int sumOffset) {
        if (Vectors.correlation(gradient, gOffsets, input, xOffsets, first, from, columns, sums, sumOffset)) {
            return;
        }
        for (int r = 0; r < ROWS; r++) {
            for (int p = 0; p < PAIRS; p++) {
                int g = gOffsets[r] + from;
                int x = xOffsets[first + p] + from;
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

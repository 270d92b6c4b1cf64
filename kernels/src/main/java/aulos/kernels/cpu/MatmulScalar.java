// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import java.util.Arrays;

/** The plain loops of {@link Matmul}. */
final class MatmulScalar {
    private MatmulScalar() {}

    /**
     * C[i, j] = Σ over k of A[i, k]·B[k, j] for i &lt; rows, j &lt; {@link Matmul#PANEL}; rows of A are {@code depth}
     * apart, those of B {@link Matmul#PANEL}, those of C {@code pitch}.
     */
    static void tile(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        for (int i = 0; i < rows; i++) {
            int row = co + i * pitch;
            Arrays.fill(c, row, row + Matmul.PANEL, 0);
            for (int k = 0; k < depth; k++) {
                float factor = a[ao + i * depth + k];
                int from = bo + k * Matmul.PANEL;
                for (int j = 0; j < Matmul.PANEL; j++) {
                    c[row + j] = Math.fma(factor, b[from + j], c[row + j]);
                }
            }
        }
    }

    /** lanes[l] = Σ over r &lt; rows of a[ao + r·64 + l]·b[bo + r·64 + l], 64 being {@link Sum#LANES}. */
    static void dots(float[] a, int ao, float[] b, int bo, int rows, float[] lanes) {
        Arrays.fill(lanes, 0);
        for (int r = 0; r < rows * Sum.LANES; r += Sum.LANES) {
            for (int lane = 0; lane < Sum.LANES; lane++) {
                lanes[lane] = Math.fma(a[ao + r + lane], b[bo + r + lane], lanes[lane]);
            }
        }
    }
}

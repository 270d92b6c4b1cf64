// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

import java.util.Arrays;

/** The plain loops of {@code Matmul}. */
public final class MatmulScalar {
    /** Columns of a panel: two vectors of the widest kind. */
    public static final int PANEL = 32;

    private MatmulScalar() {}

    /**
     * C[i, j] = Σ over k of A[i, k]·B[k, j] for i &lt; rows, j &lt; {@link #PANEL}; rows of A are {@code depth}
     * apart, those of B {@link #PANEL}, those of C {@code pitch}.
     */
    public static void tile(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        for (int i = 0; i < rows; i++) {
            int row = co + i * pitch;
            Arrays.fill(c, row, row + PANEL, 0);
            for (int k = 0; k < depth; k++) {
                float factor = a[ao + i * depth + k];
                int from = bo + k * PANEL;
                for (int j = 0; j < PANEL; j++) {
                    c[row + j] = Math.fma(factor, b[from + j], c[row + j]);
                }
            }
        }
    }

    /** lanes[l] = Σ over r &lt; rows of a[ao + r·64 + l]·b[bo + r·64 + l], 64 being {@link SumScalar#LANES}. */
    public static void dots(float[] a, int ao, float[] b, int bo, int rows, float[] lanes) {
        Arrays.fill(lanes, 0);
        for (int r = 0; r < rows * SumScalar.LANES; r += SumScalar.LANES) {
            for (int lane = 0; lane < SumScalar.LANES; lane++) {
                lanes[lane] = Math.fma(a[ao + r + lane], b[bo + r + lane], lanes[lane]);
            }
        }
    }
}

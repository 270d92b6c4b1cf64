// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import java.util.Arrays;

/** The micro-kernel of products of matrices: up to {@value #ROWS} rows by {@value #WIDTH} columns. */
public final class PanelTile {
    public static final int ROWS = 6;
    /** Two vectors of the widest kind. */
    public static final int WIDTH = 32;

    private PanelTile() {}

    /**
     * C[i, j] = Σ over k of A[i, k]·B[k, j] for i &lt; rows, j &lt; {@link #WIDTH}; rows of A are {@code depth} apart, those
     * of B {@link #WIDTH}, those of C {@code pitch}.
     */
    public static void run(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        if (!Vectors.panel(a, ao, rows, b, bo, depth, c, co, pitch)) {
            plain(a, ao, rows, b, bo, depth, c, co, pitch);
        }
    }

    /** {@link #run} by plain loops, for tests too. */
    static void plain(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        for (int i = 0; i < rows; i++) {
            int row = co + i * pitch;
            Arrays.fill(c, row, row + WIDTH, 0);
            for (int k = 0; k < depth; k++) {
                float factor = a[ao + i * depth + k];
                int from = bo + k * WIDTH;
                for (int j = 0; j < WIDTH; j++) {
                    c[row + j] = Math.fma(factor, b[from + j], c[row + j]);
                }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

import java.util.Arrays;

/** The plain-loop twin of {@code TapsVector}: the same arithmetic in the same order, so the same bits. */
public final class TapsScalar {
    private TapsScalar() {}

    /** The contract of {@code MicroTile.run} for one row. */
    public static void row(int width, float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, float start,
            float[] y, int yOffset) {
        Arrays.fill(y, yOffset, yOffset + width, start);
        for (int i = 0; i < count; i++) {
            int from = xOffset + offsets[i];
            float weight = w[wOffset + i];
            for (int t = 0; t < width; t++) {
                y[yOffset + t] = Math.fma(x[from + t], weight, y[yOffset + t]);
            }
        }
    }
}

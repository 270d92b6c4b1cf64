// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.Workspace.Scratch;
import java.util.Arrays;

/**
 * What one call of a micro-kernel computes: {@code rows} output channels by {@code width} columns, all held in
 * registers. Which one is used changes the speed but no bit of the result.
 */
public record MicroTile(int rows, int width) {
    /** 16 accumulators and 32 registers to hold them and what feeds them. */
    private static final MicroTile WIDE = new MicroTile(8, 2 * Simd.WIDTH);
    /** 8 accumulators, for AVX2 and its 16 registers; 12 would fit in theory, and spill. */
    private static final MicroTile NARROW = new MicroTile(4, 2 * Simd.WIDTH);
    /** For a single output channel, such as a generator's last. */
    private static final MicroTile SINGLE = new MicroTile(1, 8 * Simd.WIDTH);
    /** For plain loops: a row long enough for the compiler's own vectors. */
    private static final MicroTile SCALAR = new MicroTile(1, 256);

    public static MicroTile forRows(int outRows) {
        return Simd.WIDTH == 1 ? SCALAR : outRows == 1 ? SINGLE : Simd.WIDTH == 8 ? NARROW : WIDE;
    }

    /**
     * y[r][t] = start[startOffset + r] + Σᵢ x[xOffset + offsets[i] + t] · w[wOffset + i·rows + r] for i from 0 to
     * {@code count} − 1, in that order, each a fused multiply–add; row r of y begins at {@code yOffset + r·yStride}.
     */
    public void run(float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, float[] start, int startOffset,
            float[] y, int yOffset, int yStride) {
        if (!Vectors.taps(rows, x, xOffset, offsets, count, w, wOffset, start, startOffset, y, yOffset, yStride)) {
            row(width, x, xOffset, offsets, count, w, wOffset, start[startOffset], y, yOffset);
        }
    }

    /** {@link #run} of one row by a plain loop: the arithmetic of vectors in the same order, so the same bits. */
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

    /**
     * As {@link #run} from zero, added to y, or if {@code set} in its place.
     *
     * @param part memory for {@code rows × width} behind {@link Scratch#ORIGIN}
     */
    public void add(boolean set, float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, float[] zeros,
            float[] part, float[] y, int yOffset, int yStride) {
        if (set) {
            run(x, xOffset, offsets, count, w, wOffset, zeros, 0, y, yOffset, yStride);
            return;
        }
        run(x, xOffset, offsets, count, w, wOffset, zeros, 0, part, Scratch.ORIGIN, width);
        Rows.add(part, Scratch.ORIGIN, width, y, yOffset, yStride, rows, width, 1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.hot.TapsVector;
import aulos.kernels.cpu.loop.plain.TapsScalar;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.Simd;

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
        if (!Simd.ENABLED) {
            return SCALAR;
        }
        if (outRows == 1) {
            return SINGLE;
        }
        return Simd.WIDTH == 8 ? NARROW : WIDE;
    }

    /**
     * y[r][t] = start[startOffset + r] + Σᵢ x[xOffset + offsets[i] + t] · w[wOffset + i·rows + r] for i from 0 to
     * {@code count} − 1, in that order, each a fused multiply–add; row r of y begins at {@code yOffset + r·yStride}.
     */
    public void run(float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, float[] start, int startOffset,
            float[] y, int yOffset, int yStride) {
        if (!Simd.ENABLED) {
            TapsScalar.row(width, x, xOffset, offsets, count, w, wOffset, start[startOffset], y, yOffset);
            return;
        }
        switch (rows) {
            case 1 -> TapsVector.tile1x8(x, xOffset, offsets, count, w, wOffset, start[startOffset], y, yOffset);
            case 4 -> TapsVector.tile4x2(
                    x, xOffset, offsets, count, w, wOffset, start, startOffset, y, yOffset, yStride);
            case 8 -> TapsVector.tile8x2(
                    x, xOffset, offsets, count, w, wOffset, start, startOffset, y, yOffset, yStride);
            default -> throw new IllegalStateException("no micro-kernel has " + rows + " rows");
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

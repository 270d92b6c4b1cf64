// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.Slot;
import java.util.Arrays;

/** The sums over (channel, tap) that outputs of one phase are, in pieces of at most {@link #LENGTH} terms. */
public final class TapSums {
    /**
     * Taps that are summed in one go. Float32 sums over thousands of terms lose digits; sums of sums keep them. Smaller is
     * more exact and slower.
     */
    public static final int LENGTH = 512;

    private final Scratch scratch;
    private final MicroTile tile;
    /** In pieces, where the taps read in the gathered input. */
    private final int[][] offsets;
    /** What all sums but the first of an output start from. */
    private final float[] zeros;

    /**
     * @param taps of one output phase
     * @param rowLength from one row to the next
     */
    public TapSums(Scratch scratch, MicroTile tile, TapGeometry geometry, TapGeometry.Tap[] taps, int rowLength) {
        this.scratch = scratch;
        this.tile = tile;
        zeros = new float[tile.rows()];
        int[] reads = new int[geometry.inRows * taps.length];
        int i = 0;
        for (int c = 0; c < geometry.inRows; c++) {
            for (TapGeometry.Tap tap : taps) {
                reads[i++] = (c * geometry.phases.length + tap.row()) * rowLength + tap.shift() - geometry.minShift;
            }
        }
        offsets = new int[Math.max(1, Math.ceilDiv(reads.length, LENGTH))][];
        for (int piece = 0; piece < offsets.length; piece++) {
            offsets[piece] = Arrays.copyOfRange(reads, piece * LENGTH, Math.min(reads.length, (piece + 1) * LENGTH));
        }
    }

    /** As {@link MicroTile#run}, of all pieces; worker's {@link Slot#PART} is used. */
    public void run(int worker, float[] gathered, int xOffset, float[] packed, int w, float[] start, int startAt, float[] y,
            int yOffset, int yStride) {
        tile.run(gathered, xOffset, offsets[0], offsets[0].length, packed, w, start, startAt, y, yOffset, yStride);
        for (int piece = 1; piece < offsets.length; piece++) {
            float[] sums = scratch.array(worker, Slot.PART, tile.rows() * tile.width());
            tile.run(gathered, xOffset, offsets[piece], offsets[piece].length, packed,
                    w + piece * LENGTH * tile.rows(), zeros, 0, sums, 0, tile.width());
            Rows.add(sums, 0, tile.width(), y, yOffset, yStride, tile.rows(), tile.width(), 1);
        }
    }
}

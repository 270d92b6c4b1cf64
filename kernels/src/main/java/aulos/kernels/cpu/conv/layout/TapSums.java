// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
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
    private final PackedTaps taps;
    /** How many weights of a block belong to other phases before this one. */
    private final int before;
    /** From one block's weights to the next. */
    private final int blockSize;
    /** In pieces, where the taps read in the gathered input. */
    private final int[][] offsets;
    /** What all sums but the first of an output start from. */
    private final float[] zeros;

    /**
     * @param phase of the output
     * @param rowLength from one row to the next
     */
    public TapSums(Scratch scratch, PackedTaps taps, int phase, int rowLength) {
        this.scratch = scratch;
        this.taps = taps;
        tile = taps.tile();
        TapGeometry geometry = taps.geometry();
        TapGeometry.Tap[] ofPhase = geometry.taps[phase];
        int others = 0;
        for (int i = 0; i < phase; i++) {
            others += geometry.taps[i].length;
        }
        before = others * geometry.inRows * tile.rows();
        blockSize = geometry.kernelSize * geometry.inRows * tile.rows();
        zeros = new float[tile.rows()];
        int[] reads = new int[geometry.inRows * ofPhase.length];
        int i = 0;
        for (int c = 0; c < geometry.inRows; c++) {
            for (TapGeometry.Tap tap : ofPhase) {
                reads[i++] = (c * geometry.phases.length + tap.row()) * rowLength + tap.shift() - geometry.minShift;
            }
        }
        offsets = new int[Math.max(1, Math.ceilDiv(reads.length, LENGTH))][];
        for (int piece = 0; piece < offsets.length; piece++) {
            offsets[piece] = Arrays.copyOfRange(reads, piece * LENGTH, Math.min(reads.length, (piece + 1) * LENGTH));
        }
    }

    /**
     * As {@link MicroTile#run}, of all pieces; the worker's {@link Slot#PART} is used.
     *
     * @param block of output channels, those of all groups numbered through
     */
    public void run(int worker, float[] gathered, int xOffset, int block, float[] y, int yOffset, int yStride) {
        int w = block * blockSize + before;
        tile.run(gathered, xOffset, offsets[0], offsets[0].length, taps.weights(), w, taps.start(), block * tile.rows(), y,
                yOffset, yStride);
        for (int piece = 1; piece < offsets.length; piece++) {
            float[] sums = scratch.array(worker, Slot.PART, tile.rows() * tile.width());
            tile.run(gathered, xOffset, offsets[piece], offsets[piece].length, taps.weights(),
                    w + piece * LENGTH * tile.rows(), zeros, 0, sums, 0, tile.width());
            Rows.add(sums, 0, tile.width(), y, yOffset, yStride, tile.rows(), tile.width(), 1);
        }
    }
}

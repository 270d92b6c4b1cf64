// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/**
 * Direct convolution of stride 1, of one stretch of the time axis after the other: the bits of {@link TapConvolution}, for
 * one segment whose input and output need not be whole tensors.
 */
final class TapStretch {
    /** Columns whose sums are kept before they are put away: with 8 channels, half a first-level cache. */
    private static final int STRIPE = 512;
    /** From one channel of them to the next. */
    private static final int PITCH = STRIPE + 16;

    private final Scratch scratch;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final float[] packed;
    private final float[] start;
    private final Source source;
    private final Sink sink;
    /** Distance between gathered rows. An odd number of cache lines, lest rows compete for the same few sets. */
    private final int rowLength;
    private final TapSums sums;

    /**
     * @param start the bias or zero for every channel of every block, [block][tile.rows]
     * @param maxColumns in a stretch
     */
    TapStretch(Scratch scratch, TapGeometry geometry, MicroTile tile, float[] packed, float[] start, int maxColumns,
            Source source, Sink sink) {
        this.scratch = scratch;
        this.geometry = geometry;
        this.tile = tile;
        this.packed = packed;
        this.start = start;
        this.source = source;
        this.sink = sink;
        rowLength = (Math.ceilDiv(whole(maxColumns) + geometry.halo(), 16) | 1) * 16;
        sums = new TapSums(scratch, tile, geometry, geometry.taps[0], rowLength);
    }

    private int whole(int columns) {
        return Math.ceilDiv(columns, tile.width()) * tile.width();
    }

    void run(int worker, long from, int columns) {
        float[] gathered = scratch.array(worker, 0, geometry.inRows * rowLength);
        float[] y = scratch.array(worker, 1, tile.rows() * PITCH);
        for (int c = 0; c < geometry.inRows; c++) {
            source.gather(c, 0, 1, from + geometry.minShift, whole(columns) + geometry.halo(), gathered, c * rowLength);
        }
        int blocks = PackedTaps.blocks(geometry, tile);
        for (int block = 0; block < blocks; block++) {
            int w = PackedTaps.offset(geometry, tile, 0, block);
            int rows = Math.min(tile.rows(), geometry.outRows - block * tile.rows());
            for (int stripe = 0; stripe < columns; stripe += STRIPE) {
                int count = Math.min(STRIPE, columns - stripe);
                for (int i = 0; i < count; i += tile.width()) {
                    sums.run(worker, gathered, stripe + i, packed, w, start, block * tile.rows(), y, i, PITCH);
                }
                for (int row = 0; row < rows; row++) {
                    sink.put(block * tile.rows() + row, from + stripe, y, row * PITCH, count);
                }
            }
        }
    }
}

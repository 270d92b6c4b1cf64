// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.engine.Backend.Operand;
import aulos.engine.Shape;
import aulos.kernels.cpu.loop.NinePoints;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;
import java.util.Arrays;

/**
 * Tiles of columns, those of all segments of a batch side by side, and the samples they read, gathered once into one
 * row for each channel. Zeros lie between the segments there, so that what a tile is made from does not depend on its
 * neighbours.
 */
public final class SegmentTiles {
    /** Columns of a tile of {@code FiveTapConvolution}. */
    public static final int OUTPUTS = NinePoints.OUTPUTS;

    public final int perSegment;
    public final int count;
    /** From one channel to the next: an odd number of cache lines, lest they compete for the same few sets. */
    public final int rowLength;
    private final Shape shape;
    private final float[] values;
    private final int step;
    private final int firstSample;
    private final int period;

    /**
     * @param step samples from one tile to the next
     * @param firstSample of the first tile; negative if that begins in the padding
     * @param period samples that the tiles of a segment read
     */
    public SegmentTiles(Operand x, int perSegment, int step, int firstSample, int period) {
        this(x.shape(), CpuBuffer.values(x), perSegment, step, firstSample, period);
    }

    private SegmentTiles(Shape shape, float[] values, int perSegment, int step, int firstSample, int period) {
        this.shape = shape;
        this.values = values;
        this.perSegment = perSegment;
        this.step = step;
        this.firstSample = firstSample;
        this.period = period;
        count = Math.multiplyExact(shape.dim(0), perSegment);
        rowLength = Scratch.oddLines(Math.multiplyExact(shape.dim(0), period));
    }

    /** Of a convolution's input: 9 samples each. */
    public static SegmentTiles ofInput(TapGeometry geometry, Operand x) {
        int tiles = Math.ceilDiv(geometry.columns, OUTPUTS);
        return new SegmentTiles(x, tiles, OUTPUTS, geometry.minShift, OUTPUTS * tiles + geometry.halo());
    }

    /** Of its output's gradient: as many samples as columns. */
    public static SegmentTiles ofGradient(Operand g) {
        int tiles = Math.ceilDiv(g.shape().dim(2), OUTPUTS);
        return new SegmentTiles(g, tiles, OUTPUTS, 0, OUTPUTS * tiles);
    }

    /** Other tiles on the same samples. */
    public SegmentTiles with(int perSegment, int step) {
        return new SegmentTiles(shape, values, perSegment, step, firstSample, period);
    }

    /** Samples of a row that some tile reads. */
    public int length() {
        return shape.dim(0) * period;
    }

    public CpuBuffer gather(WorkerPool pool, BufferPool buffers) {
        CpuBuffer gathered = buffers.take(Math.multiplyExact(shape.dim(1), rowLength));
        pool.run(shape.dim(1), (channel, worker) -> gather(channel, gathered.values));
        return gathered;
    }

    private void gather(int channel, float[] gathered) {
        int row = channel * rowLength;
        Arrays.fill(gathered, row, row + rowLength, 0);
        int length = shape.dim(2);
        int skipped = Math.max(firstSample, 0);
        int before = Math.max(-firstSample, 0);
        int used = Math.min(length - skipped, period - before);
        for (int segment = 0; segment < shape.dim(0) && used > 0; segment++) {
            System.arraycopy(values, (segment * shape.dim(1) + channel) * length + skipped, gathered,
                    row + segment * period + before, used);
        }
    }

    /** [sample][channel] of {@code width} channels from {@code first}, zero past the last, after a leaky ReLU. */
    public void turn(float[] gathered, int first, int width, float slope, float[] line) {
        int filled = Math.clamp(shape.dim(1) - first, 0, width);
        if (filled < width) {
            Arrays.fill(line, 0, length() * width, 0);
        }
        Rows.turn(gathered, first * rowLength, rowLength, filled, length(), line, 0, width);
        Rows.leakyCopy(line, 0, 1, line, 0, length() * width, slope);
    }

    /** Where the samples of a tile begin in a row; past the last tile, where those of the last do. */
    public int place(int tile) {
        int t = Math.min(tile, count - 1);
        return t / perSegment * period + t % perSegment * step;
    }

    /** The places of {@code length} tiles from {@code first}. */
    public int[] places(int first, int length) {
        int[] places = new int[length];
        Arrays.setAll(places, i -> place(first + i));
        return places;
    }
}

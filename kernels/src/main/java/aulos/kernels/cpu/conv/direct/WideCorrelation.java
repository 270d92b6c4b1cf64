// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.direct;

import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.DenseColumns;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient in the weight of a wide layer on few columns, as in discriminators: the product of the gradient, [output
 * channel] × [column], with the input under the taps, [column] × [input channel, tap]. A task lays out some tiles of the
 * latter and multiplies them with all output channels, so sums leave the registers in the order of the weight.
 */
public final class WideCorrelation {
    /** Tiles of (channel, tap) pairs per task. */
    private static final int TILES = 2;
    /** Columns laid out at a time and summed in one go, at most: with a block of channels, a tile fills a 32 KB cache. */
    private static final int PIECE = 216;
    private static final int MIN_CHANNELS = 64;
    private static final int MIN_PAIRS = 256;
    /** Columns per output channel, above which laying out weighs too much. */
    private static final int MAX_RATIO = 4;

    public static final GradientJob.Algorithm ALGORITHM =
            new GradientJob.Algorithm(job -> suits(TapGeometry.of(job)), job -> new WideCorrelation(job).run());

    private final Workspace space;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final DenseColumns columns;
    private final float[] gradient;
    private final float gradientSlope;
    private final float[] output;

    /** Columns of a piece. */
    private final int piece;
    private final int pairs;
    private final int blocks;
    private final int[] steps;
    private final float[] zeros;

    private WideCorrelation(GradientJob job) {
        space = job.space();
        geometry = TapGeometry.of(job);
        tile = MicroTile.forRows(geometry.outRows);
        columns = new DenseColumns(geometry, new SegmentedInput(job, geometry));
        gradient = job.gradient();
        gradientSlope = job.gradientSlope();
        output = job.output();
        piece = Math.ceilDiv(columns.count, Math.ceilDiv(columns.count, PIECE));
        pairs = geometry.inRows * geometry.kernelSize;
        blocks = PackedTaps.blocks(geometry, tile);
        steps = DenseColumns.steps(piece, tile.width());
        zeros = new float[tile.rows()];
    }

    private static boolean suits(TapGeometry geometry) {
        return geometry.groups == 1 && geometry.outRows >= MIN_CHANNELS
                && geometry.inRows * geometry.kernelSize >= MIN_PAIRS
                && (long) geometry.batch * geometry.columns <= (long) MAX_RATIO * geometry.outRows;
    }

    private void run() {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = buffers.take(columns.size());
        columns.gather(pool, gathered.values);
        CpuBuffer packed = buffers.take(Math.multiplyExact(blocks * tile.rows(), columns.count));
        pool.run(blocks, (block, worker) -> pack(block, packed.values));
        int tiles = Math.ceilDiv(pairs, tile.width());
        pool.run(Math.ceilDiv(tiles, TILES), (index, worker) -> runTask(
                worker, index * TILES, Math.min((index + 1) * TILES, tiles), gathered.values, packed.values));
        buffers.give(packed);
        buffers.give(gathered);
    }

    /** A block of the gradient's channels, [column][channel of the block]. */
    private void pack(int block, float[] packed) {
        int rows = tile.rows();
        int length = geometry.outLength;
        int filled = Math.min(rows, geometry.outRows - block * rows);
        int at = block * rows * columns.count;
        if (filled < rows) {
            Arrays.fill(packed, at, at + rows * columns.count, 0);
        }
        for (int segment = 0; segment < geometry.batch; segment++) {
            Rows.interleaveRows(gradient, (segment * geometry.outRows + block * rows) * length, 1, length, filled,
                    length, packed, at + segment * length * rows, rows);
        }
        Rows.leakyCopy(packed, at, 1, packed, at, rows * columns.count, gradientSlope);
    }

    private void runTask(int worker, int firstTile, int endTile, float[] gathered, float[] packed) {
        int width = tile.width();
        int rows = tile.rows();
        float[] laidOut = space.scratch().array(worker, Slot.SAMPLES, TILES * piece * width);
        float[] sums = space.scratch().array(worker, Slot.SUMS, rows * width);
        for (int from = 0; from < columns.count; from += piece) {
            int length = Math.min(piece, columns.count - from);
            int[] places = columns.places(from, length);
            for (int t = firstTile; t < endTile; t++) {
                layOut(t, places, gathered, laidOut, (t - firstTile) * piece * width);
            }
            for (int block = 0; block < blocks; block++) {
                int w = (block * columns.count + from) * rows;
                for (int t = firstTile; t < endTile; t++) {
                    tile.run(laidOut, (t - firstTile) * piece * width, steps, length, packed, w, zeros, 0, sums, 0, width);
                    put(sums, block * rows, t * width, from == 0);
                }
            }
        }
    }

    /** The input under a tile's pairs, [column][pair]. */
    private void layOut(int tileIndex, int[] places, float[] gathered, float[] to, int at) {
        int width = tile.width();
        for (int i = 0; i < width; i++) {
            int pair = Math.min(tileIndex * width + i, pairs - 1);
            int from = columns.offset(pair / geometry.kernelSize, geometry.taps[0][pair % geometry.kernelSize]);
            for (int n = 0; n < places.length; n++) {
                to[at + n * width + i] = gathered[from + places[n]];
            }
        }
    }

    private void put(float[] sums, int channel, int pair, boolean first) {
        int filled = Math.min(tile.rows(), geometry.outRows - channel);
        int count = Math.min(tile.width(), pairs - pair);
        int at = channel * pairs + pair;
        if (!first) {
            Rows.add(sums, 0, tile.width(), output, at, pairs, filled, count, 1);
            return;
        }
        for (int row = 0; row < filled; row++) {
            System.arraycopy(sums, row * tile.width(), output, at + row * pairs, count);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.direct;

import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.ConvJob.Epilogue;
import aulos.kernels.cpu.conv.layout.DenseColumns;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapSums;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Convolution for wide layers on few columns, as in discriminators: the product of a matrix of weights, [output channel]
 * × [input channel, tap], with a matrix of input columns that is laid out beforehand, no column of it in a gap. Weights
 * are so many here, and used so seldom, that packing them through memory would take as long as the sums: a task packs
 * the pieces of its output channels into cache just before they are used for all columns.
 *
 * <p>Every output is the same sum in the same order as {@link TapConvolution}'s, to the last bit.
 */
final class WideConvolution {
    /** Blocks of output channels per task at most: 128 channels' weights and sums stay in a 1 MB L2 cache. */
    private static final int MAX_BLOCKS = 16;
    private static final int TASKS_PER_THREAD = 4;
    /** Tiles of columns that stay in that cache beside them while all blocks pass. */
    private static final int TILES = 6;
    /** Input channels whose columns a task lays out. */
    private static final int LAID_OUT = 64;
    /** Below, a block of output channels is not enough to pay for laying out the columns. */
    private static final int MIN_CHANNELS = 64;
    /** Columns per output channel, above which packing all weights beforehand costs less. */
    private static final int MAX_RATIO = 4;

    private final Workspace space;
    private final TapGeometry geometry;
    private final boolean transposed;
    private final MicroTile tile;
    private final DenseColumns columns;
    private final float[] weight;
    /** The bias or zero for every channel of every block, [block][tile.rows]. */
    private final float[] start;
    private final Epilogue epilogue;
    private final float[] output;

    private final int tiles;
    private final int blocks;
    private final int blocksPerTask;
    private final int[] steps;
    private final float[] zeros;

    WideConvolution(ConvJob job, TapGeometry geometry) {
        space = job.space();
        this.geometry = geometry;
        transposed = job.transposed();
        tile = MicroTile.forRows(geometry.outRows);
        columns = new DenseColumns(geometry, new SegmentedInput(job, geometry));
        weight = job.weight();
        start = PackedTaps.start(job, geometry, tile);
        epilogue = job.epilogue();
        output = job.output();
        tiles = Math.ceilDiv(columns.count, tile.width());
        blocks = PackedTaps.blocks(geometry, tile);
        blocksPerTask = Math.clamp(blocks / (TASKS_PER_THREAD * space.pool().threads()), 1, MAX_BLOCKS);
        steps = DenseColumns.steps(TapSums.LENGTH, tile.width());
        zeros = new float[tile.rows()];
    }

    /** A batch only: for a single segment weights are mostly constant, and packed once. */
    static boolean suits(TapGeometry geometry) {
        return geometry.groups == 1 && geometry.batch > 1 && Math.min(geometry.outRows, geometry.inRows) >= MIN_CHANNELS
                && (long) geometry.batch * geometry.columns <= (long) MAX_RATIO * geometry.outRows;
    }

    void run() {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = buffers.take(columns.size());
        columns.gather(pool, gathered.values);
        CpuBuffer laidOut = buffers.take(
                Math.multiplyExact(Math.multiplyExact(tiles * tile.width(), geometry.inRows), geometry.kernelSize));
        int groups = Math.ceilDiv(geometry.inRows, LAID_OUT);
        pool.run(tiles * groups, (index, worker) -> layOut(
                index / groups, index % groups * LAID_OUT, gathered.values, laidOut.values));
        buffers.give(gathered);
        pool.run(Math.ceilDiv(blocks, blocksPerTask), (index, worker) -> runTask(worker, index * blocksPerTask,
                Math.min((index + 1) * blocksPerTask, blocks), laidOut.values));
        buffers.give(laidOut);
    }

    /** Where the columns of a tile are laid out for the taps of one output phase, [channel][tap][width]. */
    private int laidOutAt(int phase, int tileIndex) {
        int before = 0;
        for (int i = 0; i < phase; i++) {
            before += geometry.taps[i].length;
        }
        return (before * tiles + tileIndex * geometry.taps[phase].length) * geometry.inRows * tile.width();
    }

    private void layOut(int tileIndex, int firstChannel, float[] gathered, float[] to) {
        int width = tile.width();
        int[] places = columns.places(tileIndex * width, width);
        // Not by the last place alone: past the last column it repeats, which may make up for a gap.
        boolean together = places[0] % geometry.period + width <= geometry.columns;
        int endChannel = Math.min(firstChannel + LAID_OUT, geometry.inRows);
        for (int phase = 0; phase < geometry.outStride; phase++) {
            TapGeometry.Tap[] taps = geometry.taps[phase];
            int at = laidOutAt(phase, tileIndex) + firstChannel * taps.length * width;
            for (int channel = firstChannel; channel < endChannel; channel++) {
                for (TapGeometry.Tap tap : taps) {
                    int from = columns.offset(channel, tap);
                    if (together) {
                        System.arraycopy(gathered, from + places[0], to, at, width);
                    } else {
                        for (int i = 0; i < width; i++) {
                            to[at + i] = gathered[from + places[i]];
                        }
                    }
                    at += width;
                }
            }
        }
    }

    private void runTask(int worker, int firstBlock, int endBlock, float[] laidOut) {
        int rows = (endBlock - firstBlock) * tile.rows();
        int pitch = tiles * tile.width();
        float[] sums = space.scratch().array(worker, Slot.SUMS, Math.multiplyExact(geometry.outStride * rows, pitch));
        float[] packed = space.scratch().array(worker, Slot.WEIGHTS, (endBlock - firstBlock) * blockSize());
        float[] part = space.scratch().array(worker, Slot.PART, tile.rows() * tile.width());
        // Weights of this many input channels lie near each other for all output phases of a transposed convolution.
        for (int channel = 0; channel < geometry.inRows; channel += TapSums.LENGTH) {
            int channels = Math.min(TapSums.LENGTH, geometry.inRows - channel);
            for (int phase = 0; phase < geometry.outStride; phase++) {
                int terms = geometry.taps[phase].length * channels;
                int before = geometry.taps[phase].length * channel;
                int done = 0;
                do { // once at least: a phase without taps is all bias
                    int count = Math.min(TapSums.LENGTH, terms - done);
                    pack(worker, firstBlock, endBlock, phase, before + done, count, packed);
                    Terms piece = new Terms(phase, before + done, count, packed, laidOut);
                    sum(piece, firstBlock, endBlock, part, sums, phase * rows * pitch, pitch);
                    done += TapSums.LENGTH;
                } while (done < terms);
            }
        }
        store(firstBlock * tile.rows(), Math.min(rows, geometry.outRows - firstBlock * tile.rows()), sums, rows, pitch);
    }

    /** {@code count} terms of an output phase from {@code first}, with their weights. */
    private record Terms(int phase, int first, int count, float[] packed, float[] laidOut) {}

    /** Adds some terms to the sums of all columns. */
    private void sum(Terms piece, int firstBlock, int endBlock, float[] part, float[] sums, int at, int pitch) {
        for (int firstTile = 0; firstTile < tiles; firstTile += TILES) {
            int endTile = Math.min(firstTile + TILES, tiles);
            for (int block = firstBlock; block < endBlock; block++) {
                int w = (block - firstBlock) * blockSize();
                int y = at + (block - firstBlock) * tile.rows() * pitch;
                for (int t = firstTile; t < endTile; t++) {
                    int x = laidOutAt(piece.phase, t) + piece.first * tile.width();
                    if (piece.first == 0) {
                        tile.run(piece.laidOut, x, steps, piece.count, piece.packed, w, start, block * tile.rows(), sums,
                                y + t * tile.width(), pitch);
                        continue;
                    }
                    tile.run(piece.laidOut, x, steps, piece.count, piece.packed, w, zeros, 0, part, 0, tile.width());
                    Rows.add(part, 0, tile.width(), sums, y + t * tile.width(), pitch, tile.rows(), tile.width(), 1);
                }
            }
        }
    }

    /** Distance of packed blocks: an odd number of cache lines, lest they compete for the same few sets. */
    private int blockSize() {
        return tile.rows() * TapSums.LENGTH + 16;
    }

    /** [block][term][channel of the block] of {@code count} terms from {@code first}. */
    private void pack(int worker, int firstBlock, int endBlock, int phase, int first, int count, float[] packed) {
        if (transposed) {
            packTransposed(worker, firstBlock, endBlock, geometry.taps[phase], first, count, packed);
            return;
        }
        int rowStep = geometry.inRows * geometry.kernelSize;
        for (int block = firstBlock; block < endBlock; block++) {
            int row = block * tile.rows();
            int at = (block - firstBlock) * blockSize();
            int filled = Math.min(tile.rows(), geometry.outRows - row);
            if (filled < tile.rows()) {
                Arrays.fill(packed, at, at + tile.rows() * count, 0);
            }
            Rows.interleaveRows(weight, row * rowStep + first, 1, rowStep, filled, count, packed, at, tile.rows());
        }
    }

    /** Of each input channel, the weights of all blocks lie side by side: copied first, they arrive together. */
    private void packTransposed(int worker, int firstBlock, int endBlock, TapGeometry.Tap[] taps, int first, int count,
            float[] packed) {
        int kernelSize = geometry.kernelSize;
        int rows = tile.rows();
        int blockCount = endBlock - firstBlock;
        int length = Math.min(blockCount * rows, geometry.outRows - firstBlock * rows) * kernelSize;
        float[] line = space.scratch().array(worker, Slot.LINE, blockCount * rows * kernelSize);
        Arrays.fill(line, length, blockCount * rows * kernelSize, 0);
        int channel = -1;
        for (int i = 0; i < count; i++) {
            if (channel != (first + i) / taps.length) {
                channel = (first + i) / taps.length;
                int from = (channel * geometry.outRows + firstBlock * rows) * kernelSize;
                System.arraycopy(weight, from, line, 0, length);
            }
            Rows.interleaveRows(line, taps[(first + i) % taps.length].index(), rows * kernelSize, kernelSize, rows,
                    blockCount, packed, i * rows, blockSize());
        }
    }

    /** Writes {@code rows} channels from {@code first}; {@code phaseRows} channels of sums belong to each phase. */
    private void store(int first, int rows, float[] sums, int phaseRows, int pitch) {
        int stride = geometry.outStride;
        for (int row = 0; row < rows; row++) {
            for (int segment = 0; segment < geometry.batch; segment++) {
                int at = (segment * geometry.outRows + first + row) * geometry.outLength;
                for (int phase = 0; phase < stride; phase++) {
                    int from = (phase * phaseRows + row) * pitch + segment * geometry.columns;
                    for (int i = phase; i < geometry.outLength; i += stride) {
                        output[at + i] = sums[from++];
                    }
                }
                if (!epilogue.isEmpty()) {
                    epilogue.apply(output, at, geometry.outLength);
                }
            }
        }
    }
}

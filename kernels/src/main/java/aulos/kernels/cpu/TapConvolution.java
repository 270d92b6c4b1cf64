// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import java.util.List;

/**
 * Direct convolution over a {@link TapGeometry}. A task is a stretch of the time axis and a range of output channels: it
 * gathers the input under its stretch into scratch memory once (leaky ReLU, padding and phases dealt with), then runs
 * the micro-kernel over blocks of channels, and the epilogue on each block.
 *
 * <p>Every output is summed over (channel, tap) in the same order wherever it lies, so its bits depend neither on tiles
 * nor on threads.
 */
final class TapConvolution {
    /** Gathered input per task, in floats: half of a 1 MB L2 cache, the rest being for weights and outputs. */
    private static final int SCRATCH = 128 * 1024;
    /** Fewer micro-tiles than this per task, and gathering would weigh. */
    private static final int MIN_TILES = 4;
    /** Tasks per thread: enough for even shares when one thread is held up. */
    private static final int TASKS_PER_THREAD = 8;

    private final WorkerPool pool;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final SegmentedInput input;
    private final float[] packed;
    private final float[] start;
    private final Epilogue epilogue;
    private final float[] output;

    private final int stretch;
    private final int blocks;
    private final int blocksPerTask;
    /** Distance between gathered rows. An odd number of cache lines, lest rows compete for the same few sets. */
    private final int rowLength;
    private final int[][] offsets;

    /** @param start the bias or zero for every channel of every block, [group][block][tile.rows] */
    TapConvolution(WorkerPool pool, Scratch scratch, TapGeometry geometry, MicroTile tile, SegmentedInput input,
            float[] packed, float[] start, Epilogue epilogue, float[] output) {
        this.pool = pool;
        this.scratch = scratch;
        this.geometry = geometry;
        this.tile = tile;
        this.input = input;
        this.packed = packed;
        this.start = start;
        this.epilogue = epilogue;
        this.output = output;

        blocks = PackedTaps.blocks(geometry, tile);
        int rows = geometry.inRows * geometry.phases.length;
        int target = TASKS_PER_THREAD * pool.threads();
        long length = geometry.length();
        long fitting = Math.max(SCRATCH / rows - geometry.halo(), (long) MIN_TILES * tile.width());
        long longest = Math.max(Math.ceilDiv(length, Math.ceilDiv(target, geometry.groups)), MIN_TILES * tile.width());
        long stretches = Math.ceilDiv(length, Math.min(fitting, longest));
        stretches = Math.ceilDiv(stretches, pool.threads()) * pool.threads();
        stretch = Math.toIntExact(Math.ceilDiv(Math.ceilDiv(length, stretches), tile.width()) * tile.width());
        int splits = Math.clamp(Math.ceilDiv(target, stretches() * geometry.groups), 1, blocks);
        blocksPerTask = Math.ceilDiv(blocks, splits);
        rowLength = (Math.ceilDiv(stretch + geometry.halo(), 16) | 1) * 16;
        offsets = geometry.taps.stream().map(this::offsets).toArray(int[][]::new);
    }

    private int stretches() {
        return Math.toIntExact(Math.ceilDiv(geometry.length(), stretch));
    }

    private int[] offsets(List<TapGeometry.Tap> taps) {
        int[] result = new int[geometry.inRows * taps.size()];
        int i = 0;
        for (int c = 0; c < geometry.inRows; c++) {
            for (TapGeometry.Tap tap : taps) {
                result[i++] = (c * geometry.phases.length + tap.row()) * rowLength + tap.shift() - geometry.minShift;
            }
        }
        return result;
    }

    void run() {
        int splits = Math.ceilDiv(blocks, blocksPerTask);
        pool.run(stretches() * geometry.groups * splits, (index, worker) -> {
            int first = index % splits * blocksPerTask;
            int rest = index / splits;
            runTask(worker, rest % geometry.groups, (long) (rest / geometry.groups) * stretch, first,
                    Math.min(first + blocksPerTask, blocks));
        });
    }

    private void runTask(int worker, int group, long from, int firstBlock, int endBlock) {
        int columns = (int) Math.min(stretch, geometry.length() - from);
        int tiles = Math.ceilDiv(columns, tile.width());
        float[] gathered = scratch.array(worker, 0, geometry.inRows * geometry.phases.length * rowLength);
        float[] partial = scratch.array(worker, 1, tile.rows() * tile.width());
        for (int c = 0; c < geometry.inRows; c++) {
            for (int row = 0; row < geometry.phases.length; row++) {
                input.gather(group * geometry.inRows + c, geometry.phases[row], geometry.inStride, from + geometry.minShift,
                        tiles * tile.width() + geometry.halo(), gathered, (c * geometry.phases.length + row) * rowLength);
            }
        }
        for (int block = firstBlock; block < endBlock; block++) {
            int w = PackedTaps.offset(geometry, tile, group, block);
            int bias = (group * blocks + block) * tile.rows();
            for (int r = 0; r < offsets.length; r++) {
                for (int t = 0; t < tiles; t++) {
                    int column = t * tile.width();
                    int direct = directOffset(group, block, from + column);
                    if (direct >= 0) {
                        tile.run(gathered, column, offsets[r], offsets[r].length, packed, w, start, bias, output, direct,
                                geometry.outLength);
                    } else {
                        tile.run(gathered, column, offsets[r], offsets[r].length, packed, w, start, bias, partial, 0,
                                tile.width());
                        scatter(partial, group, block, r, from + column, Math.min(tile.width(), columns - column));
                    }
                }
                w += offsets[r].length * tile.rows();
            }
            if (!epilogue.isEmpty()) {
                finish(group, block, from, columns);
            }
        }
    }

    /** Where in the output a whole micro-tile may be stored, or −1 if it has to be taken apart. */
    private int directOffset(int group, int block, long from) {
        int column = (int) (from % geometry.period);
        boolean whole = geometry.outStride == 1 && column + tile.width() <= geometry.columns
                && (block + 1) * tile.rows() <= geometry.outRows;
        return whole ? outputRow(from, group, block * tile.rows()) + column : -1;
    }

    private int outputRow(long from, int group, int channel) {
        int segment = (int) (from / geometry.period);
        return ((segment * geometry.groups + group) * geometry.outRows + channel) * geometry.outLength;
    }

    private int filledRows(int block) {
        return Math.min(tile.rows(), geometry.outRows - block * tile.rows());
    }

    /** Stores what of a micro-tile of phase {@code phase} are outputs. */
    private void scatter(float[] partial, int group, int block, int phase, long from, int columns) {
        int stride = geometry.outStride;
        for (int done = 0; done < columns; ) {
            int column = (int) ((from + done) % geometry.period);
            int n = Math.min(columns - done, (column < geometry.columns ? geometry.columns : geometry.period) - column);
            if (column < geometry.columns) {
                int last = Math.min(n, Math.ceilDiv(geometry.outLength - phase, stride) - column);
                for (int row = 0; row < filledRows(block); row++) {
                    int at = outputRow(from + done, group, block * tile.rows() + row) + column * stride + phase;
                    int source = row * tile.width() + done;
                    for (int i = 0; i < last; i++) {
                        output[at + i * stride] = partial[source + i];
                    }
                }
            }
            done += n;
        }
    }

    private void finish(int group, int block, long from, int columns) {
        int stride = geometry.outStride;
        for (int done = 0; done < columns; ) {
            int column = (int) ((from + done) % geometry.period);
            int n = Math.min(columns - done, (column < geometry.columns ? geometry.columns : geometry.period) - column);
            if (column < geometry.columns) {
                int count = Math.min(n * stride, geometry.outLength - column * stride);
                for (int row = 0; row < filledRows(block); row++) {
                    int at = outputRow(from + done, group, block * tile.rows() + row) + column * stride;
                    epilogue.apply(output, at, count);
                }
            }
            done += n;
        }
    }
}

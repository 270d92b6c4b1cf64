// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.direct;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvAlgorithm;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.ConvJob.Epilogue;
import aulos.kernels.cpu.conv.job.Streamed;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapSums;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Direct convolution over a {@link TapGeometry}. A task is a stretch of the time axis: it gathers the input under its
 * stretch into scratch memory (leaky ReLU, padding and phases dealt with), then runs the micro-kernel over blocks of
 * output channels, and the epilogue on each block's stripes. Where the axis is too short for enough tasks, the input is gathered
 * beforehand, and each task has a range of output channels as well.
 *
 * <p>Every output is summed over (channel, tap) in the same order wherever it lies, so its bits depend neither on tiles
 * nor on threads.
 */
public final class TapConvolution {
    /** Gathered input per task, in floats: a quarter of a 1 MB L2 cache, the rest being for weights and outputs. */
    private static final int SCRATCH = 64 * 1024;
    /** Fewer micro-tiles than this per task, and gathering would weigh. */
    private static final int MIN_TILES = 4;
    /** Columns between epilogues: few enough for sums still to be near, enough for residuals to be read ahead. */
    private static final int STRIPE = 512;
    /** Tasks per thread: enough for even shares when one thread is held up. */
    private static final int TASKS_PER_THREAD = 4;

    /** For any layer; {@link WideConvolution} where that is faster, and gives the same bits. */
    public static final ConvAlgorithm ALGORITHM = new ConvAlgorithm() {
        @Override
        public boolean suits(ConvSpec spec, Shape weight, boolean transposed) {
            return true;
        }

        @Override
        public void run(ConvJob job) {
            TapGeometry geometry = TapGeometry.of(job);
            if (WideConvolution.suits(geometry)) {
                new WideConvolution(job, geometry).run();
            } else {
                new TapConvolution(job, geometry).run();
            }
        }

        @Override
        public boolean streams() {
            return true;
        }

        @Override
        public Streamed streamed(ConvJob job) {
            PackedTaps taps = PackedTaps.of(job, TapGeometry.of(job));
            return (maxColumns, source, sink) ->
                    new TapStretch(job.space().scratch(), taps, maxColumns, source, sink)::run;
        }
    };

    private final WorkerPool pool;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final SegmentedInput input;
    private final Epilogue epilogue;
    private final float[] output;

    private final int stretch;
    private final int blocks;
    private final int blocksPerTask;
    private final boolean gatheredBefore;
    /** Distance between gathered rows. An odd number of cache lines, lest rows compete for the same few sets. */
    private final int rowLength;
    private final TapSums[] sums;

    private TapConvolution(ConvJob job, TapGeometry geometry) {
        pool = job.space().pool();
        scratch = job.space().scratch();
        PackedTaps taps = PackedTaps.of(job, geometry);
        this.geometry = geometry;
        tile = taps.tile();
        input = new SegmentedInput(job, geometry);
        epilogue = job.epilogue();
        output = job.output();
        blocks = PackedTaps.blocks(geometry, tile);
        int rows = geometry.inRows * geometry.phases.length;
        int target = TASKS_PER_THREAD * pool.threads();
        long length = geometry.length();
        long shortest = (long) MIN_TILES * tile.width();
        long fitting = Math.max(SCRATCH / rows - geometry.halo(), shortest);
        long longest = Math.max(Math.ceilDiv(length, Math.ceilDiv(target, geometry.groups)), shortest);
        long stretches = Math.ceilDiv(length, Math.min(fitting, longest));
        stretches = Math.ceilDiv(stretches, pool.threads()) * pool.threads();
        stretch = Math.toIntExact(Math.ceilDiv(Math.ceilDiv(length, stretches), tile.width()) * tile.width());
        int splits = Math.clamp(Math.ceilDiv(target, stretches() * geometry.groups), 1, blocks);
        blocksPerTask = Math.ceilDiv(blocks, splits);
        gatheredBefore = splits > 1;
        int gatheredColumns = Math.multiplyExact(stretch, gatheredBefore ? stretches() : 1) + geometry.halo();
        rowLength = Scratch.oddLines(gatheredColumns);
        sums = new TapSums[geometry.outStride];
        Arrays.setAll(sums, phase -> new TapSums(scratch, taps, phase, rowLength));
    }

    private int stretches() {
        return Math.toIntExact(Math.ceilDiv(geometry.length(), stretch));
    }

    private void run() {
        int channels = geometry.groups * geometry.inRows;
        if (gatheredBefore) {
            float[] gathered = scratch.array(scratch.shared, Slot.SAMPLES, gatheredSize(channels));
            pool.run(channels, (channel, worker) -> gather(channel, 0, rowLength, gathered, gatheredSize(channel)));
        }
        int splits = Math.ceilDiv(blocks, blocksPerTask);
        pool.run(stretches() * geometry.groups * splits, (index, worker) -> {
            int first = index % splits * blocksPerTask;
            int rest = index / splits;
            runTask(worker, rest % geometry.groups, (long) (rest / geometry.groups) * stretch, first,
                    Math.min(first + blocksPerTask, blocks));
        });
    }

    private int gatheredSize(int channels) {
        return Math.multiplyExact(channels * geometry.phases.length, rowLength);
    }

    private void gather(int channel, long from, int count, float[] to, int at) {
        input.gather(geometry, channel, from + geometry.minShift, count, to, at, rowLength);
    }

    private void runTask(int worker, int group, long from, int firstBlock, int endBlock) {
        int columns = (int) Math.min(stretch, geometry.length() - from);
        float[] gathered;
        int base;
        if (gatheredBefore) {
            gathered = scratch.array(scratch.shared, Slot.SAMPLES, 0);
            base = gatheredSize(group * geometry.inRows) + (int) from;
        } else {
            gathered = scratch.array(worker, Slot.SAMPLES, gatheredSize(geometry.inRows));
            base = 0;
            int count = Math.ceilDiv(columns, tile.width()) * tile.width() + geometry.halo();
            for (int c = 0; c < geometry.inRows; c++) {
                gather(group * geometry.inRows + c, from, count, gathered, gatheredSize(c));
            }
        }
        for (int block = firstBlock; block < endBlock; block++) {
            for (int stripe = 0; stripe < columns; stripe += STRIPE) {
                int end = Math.min(stripe + STRIPE, columns);
                for (int column = stripe; column < end; column += tile.width()) {
                    int direct = directOffset(group, block, from + column);
                    if (direct >= 0) {
                        sums[0].run(worker, gathered, base + column, group * blocks + block, output, direct,
                                geometry.outLength);
                    } else {
                        runCutTile(worker, gathered, base + column, group, block, from + column,
                                Math.min(tile.width(), end - column));
                    }
                }
                if (!epilogue.isEmpty()) {
                    finish(group, block, from + stripe, end - stripe);
                }
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

    /** A micro-tile that is not stored as it is: phases are interleaved, gaps and missing channels left out. */
    private void runCutTile(int worker, float[] gathered, int xOffset, int group, int block, long from, int columns) {
        int stride = geometry.outStride;
        int size = tile.rows() * tile.width();
        float[] partial = scratch.array(worker, Slot.SUMS, size * stride);
        for (int phase = 0; phase < stride; phase++) {
            sums[phase].run(worker, gathered, xOffset, group * blocks + block, partial, phase * size, tile.width());
        }
        float[] line = Rows.interleave(partial, scratch.array(worker, Slot.SPARE, size * stride), 0, stride, size);
        forEachRun(group, block, from, columns, (row, done, at, count) ->
                System.arraycopy(line, (row * tile.width() + done) * stride, output, at, count));
    }

    private void finish(int group, int block, long from, int columns) {
        forEachRun(group, block, from, columns, (row, done, at, count) -> epilogue.apply(output, at, count));
    }

    /** {@code count} outputs at {@code at}: of channel {@code row} of the block, {@code done} columns in. */
    private interface Run {
        void at(int row, int done, int at, int count);
    }

    /** Visits the outputs among {@code columns} columns from {@code from}: those in no gap, of channels there are. */
    private void forEachRun(int group, int block, long from, int columns, Run run) {
        int stride = geometry.outStride;
        int rows = Math.min(tile.rows(), geometry.outRows - block * tile.rows());
        int n;
        for (int done = 0; done < columns; done += n) {
            int column = (int) ((from + done) % geometry.period);
            boolean gap = column >= geometry.columns;
            n = Math.min(columns - done, (gap ? geometry.period : geometry.columns) - column);
            for (int row = 0; row < rows && !gap; row++) {
                int at = outputRow(from + done, group, block * tile.rows() + row) + column * stride;
                run.at(row, done, at, Math.min(n * stride, geometry.outLength - column * stride));
            }
        }
    }
}

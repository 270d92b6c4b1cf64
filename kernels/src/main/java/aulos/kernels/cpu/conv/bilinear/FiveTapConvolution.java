// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvAlgorithm;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.ConvJob.Epilogue;
import aulos.kernels.cpu.conv.layout.DenseColumns;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapPlanes;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.NinePoints;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;

/**
 * Convolution of 5 taps and stride 1 for wide layers, as in discriminators: 9 multiplications for 5 outputs instead of
 * 25 ({@link NinePoints}). For each of the 9 points it is the product of a matrix of tiles, [tile] × [input channel],
 * with a matrix of weights, [input channel] × [output channel]; vectors run along output channels, of which there are
 * many whatever the batch. Tiles are transformed beforehand. Weights are so many here, and used so seldom, that a task
 * transforms those of its output channels piece by piece in cache, just before all tiles meet them.
 *
 * <p>What an output is made from depends on its place in the segment alone, not on the batch.
 */
public final class FiveTapConvolution {
    private static final int TAPS = TapPlanes.TAPS;
    private static final int POINTS = NinePoints.POINTS;
    private static final int OUTPUTS = SegmentTiles.OUTPUTS;
    /** Input channels that are summed in one go (see {@code TapSums.LENGTH}). */
    private static final int SUMMED = 144;
    /** Output channels of a task at most: transformed weights of a piece fill two thirds of a 1 MB L2 cache. */
    private static final int MAX_LANES = 128;
    private static final int TASKS_PER_THREAD = 4;
    /** Tiles that a task computes at most: few enough for the sums of a point to stay there as well. */
    private static final int MAX_TILES = 128;
    /** With fewer, transforms weigh too much. */
    private static final int MIN_CHANNELS = 256;

    public static final ConvAlgorithm ALGORITHM = new ConvAlgorithm.Whole(
            (spec, weight, transposed) -> suits(spec, weight), (spec, kernelSize) -> reach(spec),
            job -> new FiveTapConvolution(job).run());

    private final Workspace space;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final boolean transposed;
    private final MicroTile tile;
    private final SegmentTiles tiles;
    private final float inputSlope;
    private final TapPlanes weights;
    private final float[] bias;
    private final Epilogue epilogue;
    private final float[] output;

    private final int lanes;
    private final int blocks;
    private final int groups;
    private final int blocksPerGroup;
    private final int pieces;
    private final int vBlock;
    private final int vPoint;
    private final int wPoint;
    private final int mPoint;
    private final int[] steps;
    private final float[] zeros;

    private FiveTapConvolution(ConvJob job) {
        space = job.space();
        scratch = space.scratch();
        geometry = TapGeometry.of(job);
        transposed = job.transposed();
        tile = MicroTile.forRows(geometry.outRows);
        tiles = SegmentTiles.ofInput(geometry, job.in()[0]);
        inputSlope = job.inputSlope();
        epilogue = job.epilogue();
        output = job.output();
        int panels = Math.min(geometry.outRows / (TASKS_PER_THREAD * space.pool().threads()), MAX_LANES) / tile.width();
        lanes = Math.max(panels, 1) * tile.width();
        weights = new TapPlanes(job, geometry, lanes, tile.width());
        bias = PackedTaps.start(job, Math.ceilDiv(geometry.outRows, lanes) * lanes);
        blocks = Math.ceilDiv(tiles.count, tile.rows());
        groups = Math.ceilDiv(tiles.count, MAX_TILES);
        blocksPerGroup = Math.ceilDiv(blocks, groups);
        vBlock = SUMMED * tile.rows();
        pieces = Math.ceilDiv(geometry.inRows, SUMMED);
        vPoint = Scratch.oddLines(Math.multiplyExact(pieces * blocks, vBlock));
        wPoint = Scratch.oddLines(SUMMED * lanes);
        mPoint = Scratch.oddLines(blocksPerGroup * tile.rows() * lanes);
        steps = DenseColumns.steps(SUMMED, tile.width());
        zeros = new float[tile.rows()];
    }

    static boolean suits(ConvSpec spec, Shape weight) {
        return spec.stride() == 1 && spec.dilation() == 1 && spec.groups() == 1 && weight.dim(2) == TAPS
                && Math.min(weight.dim(0), weight.dim(1)) >= MIN_CHANNELS;
    }

    /** Any of the outputs of a tile may be made from all samples of the tile. */
    private static Backend.Reach reach(ConvSpec spec) {
        int after = NinePoints.SAMPLES - 1;
        return new Backend.Reach(spec.padding() + OUTPUTS - 1, after - spec.padding(), OUTPUTS);
    }

    private void run() {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = tiles.gather(pool, buffers);
        CpuBuffer v = buffers.take(Math.multiplyExact(POINTS, vPoint));
        pool.run(pieces * blocks, (index, worker) -> transform(worker, index, gathered.values, v.values));
        buffers.give(gathered);
        int tasks = Math.ceilDiv(geometry.outRows, lanes) * groups;
        pool.run(tasks, (index, worker) -> runTask(
                worker, index / groups * lanes, index % groups * blocksPerGroup, v.values));
        buffers.give(v);
    }

    /** The points of a piece of channels of a block of tiles, [point][piece][block][channel][tile of the block]. */
    private void transform(int worker, int index, float[] gathered, float[] v) {
        int block = index % blocks;
        int firstChannel = index / blocks * SUMMED;
        int rows = tile.rows();
        int count = Math.min(SUMMED, geometry.inRows - firstChannel);
        int plane = Simd.whole(count * rows);
        float[] planes = scratch.array(worker, Slot.SAMPLES, NinePoints.SAMPLES * plane);
        int[] places = tiles.places(block * rows, rows);
        for (int c = 0; c < count; c++) {
            int from = (firstChannel + c) * tiles.rowLength;
            for (int s = 0; s < NinePoints.SAMPLES; s++) {
                Rows.pick(gathered, from + s, places, planes, s * plane + c * rows);
            }
        }
        Rows.leakyCopy(planes, 0, 1, planes, 0, NinePoints.SAMPLES * plane, inputSlope);
        NinePoints.samples(planes, 0, plane, v, index * vBlock, vPoint, plane);
    }

    private void runTask(int worker, int firstLane, int firstBlock, float[] v) {
        int endBlock = Math.min(firstBlock + blocksPerGroup, blocks);
        int rows = tile.rows();
        int width = tile.width();
        float[] w = scratch.array(worker, Slot.WEIGHTS, POINTS * wPoint);
        float[] sums = scratch.array(worker, Slot.SUMS, POINTS * mPoint);
        float[] part = scratch.array(worker, Slot.PART, rows * width);
        for (int piece = 0; piece < pieces; piece++) {
            int channel = piece * SUMMED;
            int count = Math.min(SUMMED, geometry.inRows - channel);
            transformWeights(worker, firstLane, channel, count, w);
            for (int point = 0; point < POINTS; point++) {
                for (int lane = 0; lane < lanes; lane += width) {
                    int x = Scratch.ORIGIN + point * wPoint + lane * count;
                    for (int block = firstBlock; block < endBlock; block++) {
                        int y = Scratch.ORIGIN + point * mPoint + (block - firstBlock) * rows * lanes + lane;
                        int at = point * vPoint + (piece * blocks + block) * vBlock;
                        tile.add(piece == 0, w, x, steps, count, v, at, zeros, part, sums, y, lanes);
                    }
                }
            }
        }
        store(worker, firstLane, firstBlock * rows, Math.min(endBlock * rows, tiles.count), sums);
    }

    /** Of a task's output channels, the points of {@code count} input channels: [point][panel][channel][width]. */
    private void transformWeights(int worker, int firstLane, int channel, int count, float[] w) {
        int plane = count * lanes;
        float[] planes = scratch.array(worker, Slot.WORK, TAPS * plane);
        weights.fill(worker, firstLane, channel, count, planes, plane);
        int at = Scratch.ORIGIN;
        if (transposed) { // the taps back to front
            NinePoints.taps(planes, at + (TAPS - 1) * plane, -plane, w, at, wPoint, plane);
        } else {
            NinePoints.taps(planes, at, plane, w, at, wPoint, plane);
        }
    }

    /** Turns the products of tiles {@code first} to {@code end} − 1 into outputs. */
    private void store(int worker, int firstLane, int first, int end, float[] sums) {
        float[] y = scratch.array(worker, Slot.WORK, (end - first) * OUTPUTS * lanes);
        for (int t = 0; t < end - first; t++) {
            NinePoints.outputs(sums, Scratch.ORIGIN + t * lanes, mPoint, bias, firstLane, y,
                    t * OUTPUTS * lanes, lanes, lanes);
        }
        int channels = Math.min(lanes, geometry.outRows - firstLane);
        int length = geometry.outLength;
        int n;
        for (int t = first; t < end; t += n) {
            int segment = t / tiles.perSegment;
            int column = t % tiles.perSegment * OUTPUTS;
            n = Math.min(end - t, tiles.perSegment - t % tiles.perSegment);
            int count = Math.min(n * OUTPUTS, length - column);
            int at = (segment * geometry.outRows + firstLane) * length + column;
            Rows.turn(y, (t - first) * OUTPUTS * lanes, lanes, count, channels, output, at, length);
            for (int channel = 0; channel < channels && !epilogue.isEmpty(); channel++) {
                epilogue.apply(output, at + channel * length, count);
            }
        }
    }
}

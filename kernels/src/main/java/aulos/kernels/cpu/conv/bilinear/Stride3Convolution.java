// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
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
import aulos.kernels.cpu.loop.PhasePoints;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Convolution of 5 taps, stride 3 and padding 2 for wide layers, as in the period discriminators, and its transpose, as
 * filters of stride 1 over the phases of the signal. Column t receives
 *
 * <pre>y[t] = w[2]·x[3t] + (w[0]·x[3t − 2] + w[3]·x[3t + 1]) + (w[1]·x[3t − 1] + w[4]·x[3t + 2])</pre>
 *
 * A tile is 9 samples, of which 3 meet a column each through w[2], and 3 of either other phase meet 4 columns through 2
 * taps, by 4 multiplications ({@link PhasePoints}). That makes 11 for a tile instead of 15, in all three directions.
 *
 * <p>As in {@link FiveTapConvolution} each is the
 * product of a matrix of tiles, [tile] × [input channel], with a matrix of weights, [input channel] × [output channel];
 * for the tap that has a phase of its own, of columns instead of tiles. Weights are transformed piece by piece in cache.
 *
 * <p>What an output is made from depends on its place in the segment alone, not on the batch.
 */
public final class Stride3Convolution {
    /** Phases of two taps. */
    static final int PAIRS = 2;
    static final int STRIDE = 3;
    /** The tap that has a phase of its own. */
    static final int SINGLE = 2;
    /** With fewer channels that a transformed sample meets, transforms weigh too much. */
    private static final int MIN_CHANNELS = 256;
    /** With fewer channels that an output sums, there is too little between transforms. */
    private static final int MIN_SUMMED = 128;
    private static final int TAPS = TapPlanes.TAPS;
    private static final int POINTS = PhasePoints.POINTS;
    private static final int SAMPLES = PhasePoints.SAMPLES;
    /** Input channels that are summed in one go (see {@code TapSums.LENGTH}). */
    private static final int SUMMED = 128;
    /** Output channels of a task at most: weights of a piece, all planes of them, fill a third of a 1 MB L2 cache. */
    private static final int MAX_LANES = 64;
    private static final int TASKS_PER_THREAD = 4;
    /** Tiles that a task computes, unless a segment alone has more: few enough for their sums to stay there as well. */
    private static final int MAX_TILES = 192;

    public static final ConvAlgorithm ALGORITHM = new ConvAlgorithm.Whole(
            Stride3Convolution::suits, Backend.Reach::exact,
            job -> new Stride3Convolution(job).run());

    private final Workspace space;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final boolean transposed;
    private final MicroTile tile;
    private final SegmentTiles tiles;
    private final SegmentTiles columns;
    private final float inputSlope;
    private final TapPlanes weights;
    private final float[] bias;
    private final Epilogue epilogue;
    private final float[] output;

    private final int lanes;
    /** Groups of whole segments, that many segments in each but the last. */
    private final int groups;
    private final int segments;
    /** Blocks of tiles and of columns in each group. */
    private final int tileBlocks;
    private final int columnBlocks;
    private final int pieces;
    /** Planes of transformed input: when transposed both pairs of taps share them. */
    private final int vPlanes;
    private final int vBlock;
    private final int vPoint;
    /** Planes of sums of tiles: both pairs of taps add to the same ones unless transposed. */
    private final int mPlanes;
    private final int mPoint;
    private final int wPoint;
    private final int[] steps;
    private final float[] zeros;

    private Stride3Convolution(ConvJob job) {
        space = job.space();
        scratch = space.scratch();
        geometry = TapGeometry.of(job);
        transposed = job.transposed();
        tile = MicroTile.forRows(geometry.outRows);
        inputSlope = job.inputSlope();
        epilogue = job.epilogue();
        output = job.output();
        Operand x = job.in()[0];
        if (transposed) {
            tiles = ofColumns(x, geometry.outLength);
            columns = tiles.with(geometry.inLength, 1);
        } else {
            tiles = ofSamples(x);
            columns = tiles.with(geometry.outLength, STRIDE);
        }
        int panels = Math.min(geometry.outRows / (TASKS_PER_THREAD * space.pool().threads()), MAX_LANES) / tile.width();
        lanes = Math.max(panels, 1) * tile.width();
        weights = new TapPlanes(job, geometry, lanes, tile.width());
        bias = PackedTaps.start(job, Math.ceilDiv(geometry.outRows, lanes) * lanes);
        groups = Math.ceilDiv(geometry.batch, Math.max(1, MAX_TILES / tiles.perSegment));
        segments = Math.ceilDiv(geometry.batch, groups);
        tileBlocks = Math.ceilDiv(Math.multiplyExact(segments, tiles.perSegment), tile.rows());
        columnBlocks = Math.ceilDiv(Math.multiplyExact(segments, columns.perSegment), tile.rows());
        pieces = Math.ceilDiv(geometry.inRows, SUMMED);
        vPlanes = transposed ? POINTS : PAIRS * POINTS;
        vBlock = SUMMED * tile.rows();
        vPoint = Scratch.oddLines(Math.multiplyExact(Math.multiplyExact(pieces, groups * tileBlocks), vBlock));
        mPlanes = transposed ? PAIRS * POINTS : POINTS;
        mPoint = Scratch.oddLines(Math.multiplyExact(tileBlocks * tile.rows(), lanes));
        wPoint = Scratch.oddLines(SUMMED * lanes);
        steps = DenseColumns.steps(SUMMED, tile.width());
        zeros = new float[tile.rows()];
    }

    private void run() {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = tiles.gather(pool, buffers);
        CpuBuffer v = buffers.take(Math.addExact(Math.multiplyExact(vPlanes, vPoint),
                Math.multiplyExact(Math.multiplyExact(pieces, groups * columnBlocks), vBlock)));
        int tileTasks = pieces * groups * tileBlocks;
        pool.run(tileTasks + pieces * groups * columnBlocks, (index, worker) -> {
            if (index < tileTasks) {
                transform(worker, index, gathered.values, v.values);
            } else {
                pick(index - tileTasks, gathered.values, v.values);
            }
        });
        buffers.give(gathered);
        int tasks = Math.ceilDiv(geometry.outRows, lanes) * groups;
        pool.run(tasks, (index, worker) -> runTask(worker, index / groups * lanes, index % groups, v.values));
        buffers.give(v);
    }

    /** The places of what a block of a group reads. */
    private int[] places(SegmentTiles of, int block, int perGroup) {
        int group = block / perGroup;
        return of.places(group * segments * of.perSegment + block % perGroup * tile.rows(), tile.rows());
    }

    /** The points of a piece of channels of a block of tiles, [point][piece][block][channel][tile of the block]. */
    private void transform(int worker, int index, float[] gathered, float[] v) {
        int blocks = groups * tileBlocks;
        int firstChannel = index / blocks * SUMMED;
        int rows = tile.rows();
        int count = Math.min(SUMMED, geometry.inRows - firstChannel);
        int plane = Simd.whole(count * rows);
        int[] places = places(tiles, index % blocks, tileBlocks);
        int reads = transposed ? PhasePoints.COLUMNS : PAIRS * SAMPLES;
        float[] planes = scratch.array(worker, Slot.SAMPLES, reads * plane);
        for (int c = 0; c < count; c++) {
            int from = (firstChannel + c) * tiles.rowLength;
            for (int i = 0; i < reads; i++) {
                int sample = transposed ? i : i / SAMPLES + 1 + i % SAMPLES * STRIDE;
                Rows.pick(gathered, from + sample, places, planes, i * plane + c * rows);
            }
        }
        Rows.leakyCopy(planes, 0, 1, planes, 0, reads * plane, inputSlope);
        if (transposed) {
            PhasePoints.columns(planes, 0, plane, v, index * vBlock, vPoint, plane);
            return;
        }
        for (int pair = 0; pair < PAIRS; pair++) {
            PhasePoints.samples(planes, pair * SAMPLES * plane, plane, v, pair * POINTS * vPoint + index * vBlock,
                    vPoint, plane);
        }
    }

    /** What a piece of channels of a block of columns meets through its single tap, [piece][block][channel][column]. */
    private void pick(int index, float[] gathered, float[] v) {
        int blocks = groups * columnBlocks;
        int firstChannel = index / blocks * SUMMED;
        int rows = tile.rows();
        int count = Math.min(SUMMED, geometry.inRows - firstChannel);
        int[] places = places(columns, index % blocks, columnBlocks);
        int at = vPlanes * vPoint + index * vBlock;
        for (int c = 0; c < count; c++) {
            Rows.pick(gathered, (firstChannel + c) * tiles.rowLength, places, v, at + c * rows);
        }
        Rows.leakyCopy(v, at, 1, v, at, count * rows, inputSlope);
    }

    private void runTask(int worker, int firstLane, int group, float[] v) {
        int filled = Math.min(segments, geometry.batch - group * segments);
        int tileCount = Math.ceilDiv(filled * tiles.perSegment, tile.rows());
        int columnCount = Math.ceilDiv(filled * columns.perSegment, tile.rows());
        float[] w = scratch.array(worker, Slot.WEIGHTS, (TAPS + 2 * PAIRS) * wPoint);
        float[] sums = scratch.array(worker, Slot.SUMS, mPlanes * mPoint + columnBlocks * tile.rows() * lanes);
        for (int piece = 0; piece < pieces; piece++) {
            int channel = piece * SUMMED;
            int count = Math.min(SUMMED, geometry.inRows - channel);
            weights.fill(worker, firstLane, channel, count, w, wPoint);
            int at = (piece * groups + group) * tileBlocks * vBlock;
            for (int pair = 0; pair < PAIRS; pair++) {
                int plane = TAPS + 2 * pair;
                int first = first(pair);
                int second = second(pair);
                PhasePoints.taps(
                        w, wAt(first), wAt(second), w, wAt(plane), wAt(plane + 1), count * lanes);
                int[] planes = {first, plane, plane + 1, second};
                for (int point = 0; point < POINTS; point++) {
                    int p = pair * POINTS + point;
                    Product product = new Product(w, wAt(planes[point]), count, v, p % vPlanes * vPoint + at);
                    add(worker, product, piece == 0 && p < mPlanes, tileCount, sums, mAt(p % mPlanes));
                }
            }
            add(worker, new Product(w, wAt(SINGLE), count, v,
                    vPlanes * vPoint + (piece * groups + group) * columnBlocks * vBlock), piece == 0, columnCount, sums,
                    mAt(mPlanes));
        }
        for (int segment = 0; segment < filled; segment++) {
            store(worker, firstLane, group * segments + segment, segment, sums);
        }
    }

    /** Where a plane of a task's weights begins. */
    private int wAt(int plane) {
        return Scratch.ORIGIN + plane * wPoint;
    }

    /** Where a plane of a task's sums begins. */
    private int mAt(int plane) {
        return Scratch.ORIGIN + plane * mPoint;
    }

    /** A plane of weights, {@code count} terms of them, and blocks of input. */
    private record Product(float[] w, int wAt, int count, float[] v, int vAt) {}

    /** Adds the product of a plane of weights with {@code blocks} of input to a plane of sums, or sets them to it. */
    private void add(int worker, Product of, boolean set, int blocks, float[] sums, int y) {
        int rows = tile.rows();
        int width = tile.width();
        float[] part = scratch.array(worker, Slot.PART, rows * width);
        for (int lane = 0; lane < lanes; lane += width) {
            for (int block = 0; block < blocks; block++) {
                tile.add(set, of.w, of.wAt + lane * of.count, steps, of.count, of.v, of.vAt + block * vBlock, zeros,
                        part, sums, y + block * rows * lanes + lane, lanes);
            }
        }
    }

    /** Turns the sums of a segment, which is number {@code index} of the task's, into outputs. */
    private void store(int worker, int firstLane, int segment, int index, float[] sums) {
        int perColumn = transposed ? STRIDE : 1;
        int rows = Math.max(tiles.perSegment * SAMPLES + 1, columns.perSegment) * perColumn;
        float[] y = scratch.array(worker, Slot.OUTPUT, rows * lanes);
        int origin = Scratch.ORIGIN;
        Arrays.fill(y, origin, origin + rows * lanes, 0);
        int at = mAt(mPlanes) + index * columns.perSegment * lanes;
        for (int column = 0; column < columns.perSegment; column++) {
            Rows.add(sums, at + column * lanes, bias, firstLane, 1, y, origin + column * perColumn * lanes, lanes);
        }
        for (int t = 0; t < tiles.perSegment; t++) {
            int from = mAt(0) + (index * tiles.perSegment + t) * lanes;
            int to = origin + t * SAMPLES * perColumn * lanes;
            if (!transposed) {
                PhasePoints.addColumns(sums, from, mPoint, y, to, lanes, lanes);
                continue;
            }
            for (int pair = 0; pair < PAIRS; pair++) {
                PhasePoints.putSamples(sums, pair * POINTS * mPoint + from, mPoint, bias, firstLane, y,
                        to + (pair + 1) * lanes, STRIDE * lanes, lanes);
            }
        }
        int channels = Math.min(lanes, geometry.outRows - firstLane);
        int length = geometry.outLength;
        int to = (segment * geometry.outRows + firstLane) * length;
        Rows.turn(y, origin, lanes, length, channels, output, to, length);
        for (int channel = 0; channel < channels && !epilogue.isEmpty(); channel++) {
            epilogue.apply(output, to + channel * length, length);
        }
    }

    private static boolean handles(ConvSpec spec, Shape weight) {
        return spec.equals(new ConvSpec(STRIDE, 2, 1, 1)) && weight.dim(2) == TapPlanes.TAPS;
    }

    /** Whether a convolution, or a transposed one, of this weight is best computed so. */
    public static boolean suits(ConvSpec spec, Shape weight, boolean transposed) {
        return handles(spec, weight) && weight.dim(transposed ? 1 : 0) >= MIN_CHANNELS
                && weight.dim(transposed ? 0 : 1) >= MIN_SUMMED;
    }

    /** Whether the gradient in the weight is. */
    public static boolean suitsGradient(ConvSpec spec, Shape weight) {
        return handles(spec, weight) && Math.min(weight.dim(0), weight.dim(1)) >= MIN_CHANNELS;
    }

    /** The tap that a pair's later samples meet, its h0. */
    public static int first(int pair) {
        return pair + STRIDE;
    }

    /** The tap that a pair's earlier samples meet, its h1. */
    static int second(int pair) {
        return pair;
    }

    /** Tiles that hold all samples of both pairs of a segment of {@code length}, one at least. */
    private static int tiles(int length) {
        return Math.max(1, Math.ceilDiv(length - 1, STRIDE * PhasePoints.SAMPLES));
    }

    /** On the samples x [batch, channel, length]. */
    static SegmentTiles ofSamples(Operand x) {
        int length = x.shape().dim(2);
        int period = STRIDE * Math.max(PhasePoints.SAMPLES * tiles(length), Math.ceilDiv(length, STRIDE));
        return new SegmentTiles(x, tiles(length), STRIDE * PhasePoints.SAMPLES, 0, period);
    }

    /** On the columns y [batch, channel, column] that {@code length} samples meet. */
    static SegmentTiles ofColumns(Operand y, int length) {
        int tiles = tiles(length);
        return new SegmentTiles(y, tiles, PhasePoints.SAMPLES, 0, Math.max(PhasePoints.SAMPLES * tiles + 1, y.shape().dim(2)));
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.kernels.cpu.conv.job.GradientAlgorithm;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.DenseColumns;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapPlanes;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.PhasePoints;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CacheLines;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.Slot;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;

/**
 * The gradient in the weight of the layers of {@link Stride3Convolution}, by as few multiplications. Tiles are added up
 * before the points are turned back into taps, so for each point of each pair of taps it is the product of two
 * matrices, [output channel] × [tile] and [tile] × [input channel], and for the single tap the same with columns for
 * tiles.
 */
public final class Stride3Correlation {
    private static final int TAPS = TapPlanes.TAPS;
    private static final int POINTS = PhasePoints.POINTS;
    private static final int PAIRS = Stride3Form.PAIRS;
    private static final int SUMS = PAIRS * POINTS;
    private static final int STRIDE = Stride3Form.STRIDE;
    /** Tiles that are summed in one go at most (see {@code TapSums.LENGTH}). */
    private static final int SUMMED = 192;
    /** Input and output channels of a task, at least and at most: their sums stay in a 1 MB L2 cache. */
    private static final int LANES = 64;
    private static final int ROWS = 128;

    public static final GradientAlgorithm ALGORITHM = new GradientAlgorithm(
            job -> Stride3Form.suitsGradient(job.spec(), job.weightShape()), job -> new Stride3Correlation(job).run());

    private final Workspace space;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final SegmentTiles tiles;
    private final SegmentTiles columns;
    private final float inputSlope;
    private final SegmentTiles gradient;
    private final float gradientSlope;
    private final float[] output;

    private final int lanes;
    private final int blocks;
    private final int blocksPerTask;
    private final int panels;
    private final int vPanel;
    private final int vPoint;
    private final int gBlock;
    private final int gPoint;
    private final int mPoint;
    private final int[] steps;
    private final float[] zeros;

    private Stride3Correlation(GradientJob job) {
        space = job.space();
        scratch = space.scratch();
        geometry = TapGeometry.of(job);
        tile = MicroTile.forRows(geometry.outRows);
        tiles = Stride3Form.ofSamples(job.in()[0]);
        columns = tiles.with(geometry.outLength, STRIDE);
        inputSlope = job.inputSlope();
        gradient = Stride3Form.ofColumns(job.in()[1], geometry.inLength);
        gradientSlope = job.gradientSlope();
        output = job.output();
        lanes = Math.ceilDiv(LANES, tile.width()) * tile.width();
        blocks = PackedTaps.blocks(geometry, tile);
        blocksPerTask = ROWS / tile.rows();
        panels = Math.ceilDiv(geometry.inRows, lanes) * lanes / tile.width();
        vPanel = tiles.count * tile.width();
        vPoint = CacheLines.odd(Math.multiplyExact(panels, vPanel));
        gBlock = Math.ceilDiv(tiles.count * tile.rows(), Simd.WIDTH) * Simd.WIDTH;
        gPoint = CacheLines.odd(Math.multiplyExact(blocks, gBlock));
        mPoint = CacheLines.odd(ROWS * lanes);
        steps = DenseColumns.steps(SUMMED, tile.width());
        zeros = new float[tile.rows()];
    }

    private void run() {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = tiles.gather(pool, buffers);
        CpuBuffer v = buffers.take(Math.addExact(vAt(SUMS), Math.multiplyExact(panels * tile.width(), columns.count)));
        pool.run(panels, (panel, worker) -> transformInput(worker, panel, gathered.values, v.values));
        buffers.give(gathered);
        CpuBuffer gatheredGradient = gradient.gather(pool, buffers);
        CpuBuffer g = buffers.take(Math.addExact(
                Math.multiplyExact(POINTS, gPoint), Math.multiplyExact(blocks * tile.rows(), columns.count)));
        pool.run(blocks, (block, worker) -> transformGradient(worker, block, gatheredGradient.values, g.values));
        buffers.give(gatheredGradient);
        int tasks = panels * tile.width() / lanes;
        pool.run(tasks * Math.ceilDiv(blocks, blocksPerTask), (index, worker) ->
                runTask(worker, index / tasks * blocksPerTask, index % tasks * lanes, v.values, g.values));
        buffers.give(g);
        buffers.give(v);
    }

    /** Where a plane of transformed input begins. */
    private int vAt(int plane) {
        return Math.addExact(Scratch.ORIGIN, Math.multiplyExact(plane, vPoint));
    }

    /** Where a plane of a task's sums begins. */
    private int mAt(int plane) {
        return Scratch.ORIGIN + plane * mPoint;
    }

    /** The points of a panel of input channels, [pair, point][panel][tile][width], then [panel][column][width]. */
    private void transformInput(int worker, int panel, float[] gathered, float[] v) {
        int width = tile.width();
        float[] line = scratch.array(worker, Slot.LINE, tiles.length() * width);
        tiles.turn(gathered, panel * width, width, inputSlope, line);
        for (int t = 0; t < tiles.count; t++) {
            for (int pair = 0; pair < PAIRS; pair++) {
                PhasePoints.samples(line, (tiles.place(t) + pair + 1) * width, STRIDE * width, v,
                        vAt(pair * POINTS) + panel * vPanel + t * width, vPoint, width);
            }
        }
        int to = vAt(SUMS) + panel * columns.count * width;
        for (int column = 0; column < columns.count; column++) {
            System.arraycopy(line, columns.place(column) * width, v, to + column * width, width);
        }
    }

    /** The points of a block of output channels, [point][block][tile][channel of it], then [block][column][channel]. */
    private void transformGradient(int worker, int block, float[] gathered, float[] g) {
        int rows = tile.rows();
        float[] line = scratch.array(worker, Slot.LINE, gradient.length() * rows);
        gradient.turn(gathered, block * rows, rows, gradientSlope, line);
        float[] planes = scratch.array(worker, Slot.SAMPLES, PhasePoints.COLUMNS * gBlock);
        for (int t = 0; t < gradient.count; t++) {
            for (int i = 0; i < PhasePoints.COLUMNS; i++) {
                System.arraycopy(line, (gradient.place(t) + i) * rows, planes, i * gBlock + t * rows, rows);
            }
        }
        PhasePoints.columns(planes, 0, gBlock, g, block * gBlock, gPoint, gBlock);
        int length = columns.perSegment;
        for (int segment = 0; segment < geometry.batch; segment++) {
            System.arraycopy(line, gradient.place(segment * gradient.perSegment) * rows, g,
                    POINTS * gPoint + (block * columns.count + segment * length) * rows, length * rows);
        }
    }

    private void runTask(int worker, int firstBlock, int firstLane, float[] v, float[] g) {
        int rows = tile.rows();
        int taskBlocks = Math.min(blocksPerTask, blocks - firstBlock);
        float[] sums = scratch.array(worker, Slot.SUMS, (SUMS + 1) * mPoint);
        for (int p = 0; p < SUMS; p++) {
            add(worker, taskBlocks, new Product(tiles.count, v, vAt(p) + firstLane * tiles.count, g,
                    p % POINTS * gPoint + firstBlock * gBlock, gBlock), sums, mAt(p));
        }
        int gColumns = columns.count * rows;
        add(worker, taskBlocks, new Product(columns.count, v, vAt(SUMS) + firstLane * columns.count, g,
                POINTS * gPoint + firstBlock * gColumns, gColumns), sums, mAt(SUMS));
        int firstRow = firstBlock * rows;
        int endRow = Math.min(firstRow + taskBlocks * rows, geometry.outRows);
        store(worker, firstRow, endRow, firstLane, Math.min(lanes, geometry.inRows - firstLane), sums);
    }

    /** Channels of a task over {@code terms} tiles or columns; blocks of g lie {@code gStep} apart. */
    private record Product(int terms, float[] v, int vAt, float[] g, int gAt, int gStep) {}

    private void add(int worker, int taskBlocks, Product of, float[] sums, int y) {
        int terms = of.terms;
        int rows = tile.rows();
        int width = tile.width();
        int piece = Math.ceilDiv(terms, Math.ceilDiv(terms, SUMMED));
        float[] part = scratch.array(worker, Slot.PART, rows * width);
        for (int t = 0; t < terms; t += piece) {
            int count = Math.min(piece, terms - t);
            for (int lane = 0; lane < lanes; lane += width) {
                for (int block = 0; block < taskBlocks; block++) {
                    tile.add(t == 0, of.v, of.vAt + lane * terms + t * width, steps, count, of.g,
                            of.gAt + block * of.gStep + t * rows, zeros, part, sums, y + block * rows * lanes + lane,
                            lanes);
                }
            }
        }
    }

    /** Turns points into taps, and puts those of a pair of channels side by side. */
    private void store(int worker, int firstRow, int endRow, int firstLane, int channels, float[] sums) {
        float[] y = scratch.array(worker, Slot.OUTPUT, TAPS * lanes);
        for (int row = firstRow; row < endRow; row++) {
            int from = (row - firstRow) * lanes;
            for (int pair = 0; pair < PAIRS; pair++) {
                PhasePoints.putTaps(sums, mAt(pair * POINTS) + from, mPoint, y,
                        Stride3Form.first(pair) * lanes, Stride3Form.second(pair) * lanes, lanes);
            }
            System.arraycopy(sums, mAt(SUMS) + from, y, Stride3Form.SINGLE * lanes, lanes);
            TapPlanes.join(y, lanes, channels, output, (row * geometry.inRows + firstLane) * TAPS);
        }
    }
}

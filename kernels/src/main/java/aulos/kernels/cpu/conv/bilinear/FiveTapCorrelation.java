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
import aulos.kernels.cpu.loop.NinePoints;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CacheLines;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.Slot;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import java.util.Arrays;

/**
 * The gradient in the weight of the layers of {@link FiveTapConvolution}. For a tile of 5 columns, 5 taps' products with 9
 * samples are a convolution of the samples with the gradient, 5 outputs of 5 taps: 9 multiplications instead of 25
 * ({@link NinePoints}). Tiles are added up before the points are turned back into taps, so for each point it is the
 * product of two matrices, [output channel] × [tile] and [tile] × [input channel].
 */
public final class FiveTapCorrelation {
    private static final int TAPS = TapPlanes.TAPS;
    private static final int POINTS = NinePoints.POINTS;
    private static final int COLUMNS = SegmentTiles.OUTPUTS;
    /** Tiles that are summed in one go (see {@code TapSums.LENGTH}). */
    private static final int SUMMED = 192;
    /** Input and output channels of a task, at least and at most: their sums stay in a 1 MB L2 cache. */
    private static final int LANES = 64;
    private static final int ROWS = 128;

    public static final GradientAlgorithm ALGORITHM = new GradientAlgorithm(
            job -> FiveTapConvolution.suits(job.spec(), job.weightShape()), job -> new FiveTapCorrelation(job).run());

    private final Workspace space;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final SegmentTiles tiles;
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

    private FiveTapCorrelation(GradientJob job) {
        space = job.space();
        scratch = space.scratch();
        geometry = TapGeometry.of(job);
        tile = MicroTile.forRows(geometry.outRows);
        tiles = SegmentTiles.ofInput(geometry, job.in()[0]);
        inputSlope = job.inputSlope();
        gradient = SegmentTiles.ofGradient(job.in()[1]);
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
        CpuBuffer v = buffers.take(Math.addExact(Scratch.ORIGIN, Math.multiplyExact(POINTS, vPoint)));
        pool.run(panels, (panel, worker) -> transformInput(worker, panel, gathered.values, v.values));
        buffers.give(gathered);
        CpuBuffer gatheredGradient = gradient.gather(pool, buffers);
        CpuBuffer g = buffers.take(Math.multiplyExact(POINTS, gPoint));
        pool.run(blocks, (block, worker) -> transformGradient(worker, block, gatheredGradient.values, g.values));
        buffers.give(gatheredGradient);
        int columns = panels * tile.width() / lanes;
        pool.run(columns * Math.ceilDiv(blocks, blocksPerTask), (index, worker) ->
                runTask(worker, index / columns * blocksPerTask, index % columns * lanes, v.values, g.values));
        buffers.give(g);
        buffers.give(v);
    }

    /** The points of a panel of input channels, [point][panel][tile][width]. */
    private void transformInput(int worker, int panel, float[] gathered, float[] v) {
        int width = tile.width();
        float[] line = scratch.array(worker, Slot.SAMPLES, tiles.length() * width);
        tiles.turn(gathered, panel * width, width, inputSlope, line);
        for (int t = 0; t < tiles.count; t++) {
            NinePoints.samples(line, tiles.place(t) * width, width, v,
                    Scratch.ORIGIN + panel * vPanel + t * width, vPoint, width);
        }
    }

    /** The points of a block of output channels, [point][block][tile][channel of the block]. */
    private void transformGradient(int worker, int block, float[] gathered, float[] g) {
        int rows = tile.rows();
        int filled = Math.min(rows, geometry.outRows - block * rows);
        float[] planes = scratch.array(worker, Slot.SAMPLES, COLUMNS * gBlock);
        Arrays.fill(planes, 0, COLUMNS * gBlock, 0);
        for (int i = 0; i < COLUMNS; i++) {
            Rows.interleaveRows(gathered, block * rows * gradient.rowLength + i, COLUMNS, gradient.rowLength, filled,
                    tiles.count, planes, i * gBlock, rows);
        }
        Rows.leakyCopy(planes, 0, 1, planes, 0, COLUMNS * gBlock, gradientSlope);
        NinePoints.taps(planes, 0, gBlock, g, block * gBlock, gPoint, gBlock);
    }

    private void runTask(int worker, int firstBlock, int firstLane, float[] v, float[] g) {
        int endBlock = Math.min(firstBlock + blocksPerTask, blocks);
        int rows = tile.rows();
        int width = tile.width();
        float[] sums = scratch.array(worker, Slot.SUMS, POINTS * mPoint);
        float[] part = scratch.array(worker, Slot.PART, rows * width);
        for (int t = 0; t < tiles.count; t += SUMMED) {
            int count = Math.min(SUMMED, tiles.count - t);
            for (int point = 0; point < POINTS; point++) {
                for (int lane = 0; lane < lanes; lane += width) {
                    int x = Scratch.ORIGIN + point * vPoint + (firstLane + lane) / width * vPanel + t * width;
                    for (int block = firstBlock; block < endBlock; block++) {
                        int at = point * gPoint + block * gBlock + t * rows;
                        int y = Scratch.ORIGIN + point * mPoint + (block - firstBlock) * rows * lanes + lane;
                        tile.add(t == 0, v, x, steps, count, g, at, zeros, part, sums, y, lanes);
                    }
                }
            }
        }
        int firstRow = firstBlock * rows;
        int endRow = Math.min(endBlock * rows, geometry.outRows);
        store(worker, firstRow, endRow, firstLane, Math.min(lanes, geometry.inRows - firstLane), sums);
    }

    /** Turns points into taps, and puts those of a pair of channels side by side. */
    private void store(int worker, int firstRow, int endRow, int firstLane, int channels, float[] sums) {
        float[] y = scratch.array(worker, Slot.OUTPUT, TAPS * lanes);
        float[] none = new float[lanes];
        for (int row = firstRow; row < endRow; row++) {
            NinePoints.outputs(sums, Scratch.ORIGIN + (row - firstRow) * lanes, mPoint, none, 0, y, 0, lanes, lanes);
            TapPlanes.join(y, lanes, channels, output, (row * geometry.inRows + firstLane) * TAPS);
        }
    }
}

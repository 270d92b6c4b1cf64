// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.DenseColumns;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Scratch;

/**
 * What the gradients in the weight of wide layers have in common: tiles are added up before the points are turned back into
 * taps, so for each point it is the product of two matrices, [output channel] × [tile] and [tile] × [input channel]. Input
 * and gradient are transformed beforehand, a panel or block of channels at a time.
 */
abstract class TileCorrelation {
    /** Tiles that are summed in one go at most (see {@code TapSums.LENGTH}). */
    static final int SUMMED = 192;
    /** Input and output channels of a task, at least and at most: their sums stay in a 1 MB L2 cache. */
    private static final int LANES = 64;
    static final int ROWS = 128;

    private final Workspace space;
    final Scratch scratch;
    final TapGeometry geometry;
    final MicroTile tile;
    final SegmentTiles tiles;
    final float inputSlope;
    final SegmentTiles gradient;
    final float gradientSlope;
    final float[] output;

    final int lanes;
    final int blocks;
    final int blocksPerTask;
    /** Panels of input channels, and what lies between them, points, blocks of the gradient and planes of sums. */
    final int panels;
    final int vPanel;
    final int vPoint;
    final int gBlock;
    final int gPoint;
    final int mPoint;
    final int[] steps;
    final float[] zeros;

    TileCorrelation(GradientJob job, TapGeometry geometry, SegmentTiles tiles, SegmentTiles gradient) {
        this.geometry = geometry;
        this.tiles = tiles;
        this.gradient = gradient;
        space = job.space();
        scratch = space.scratch();
        tile = MicroTile.forRows(geometry.outRows);
        inputSlope = job.inputSlope();
        gradientSlope = job.gradientSlope();
        output = job.output();
        lanes = Math.ceilDiv(LANES, tile.width()) * tile.width();
        blocks = PackedTaps.blocks(geometry, tile);
        blocksPerTask = ROWS / tile.rows();
        panels = Math.ceilDiv(geometry.inRows, lanes) * lanes / tile.width();
        vPanel = tiles.count * tile.width();
        vPoint = Scratch.oddLines(Math.multiplyExact(panels, vPanel));
        gBlock = Simd.whole(tiles.count * tile.rows());
        gPoint = Scratch.oddLines(Math.multiplyExact(blocks, gBlock));
        mPoint = Scratch.oddLines(ROWS * lanes);
        steps = DenseColumns.steps(SUMMED, tile.width());
        zeros = new float[tile.rows()];
    }

    /** @param vSize and {@code gSize}: of the transformed input and gradient */
    final void run(int vSize, int gSize) {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = tiles.gather(pool, buffers);
        CpuBuffer v = buffers.take(vSize);
        pool.run(panels, (panel, worker) -> transformInput(worker, panel, gathered.values, v.values));
        buffers.give(gathered);
        CpuBuffer gatheredGradient = gradient.gather(pool, buffers);
        CpuBuffer g = buffers.take(gSize);
        pool.run(blocks, (block, worker) -> transformGradient(worker, block, gatheredGradient.values, g.values));
        buffers.give(gatheredGradient);
        int tasks = panels * tile.width() / lanes;
        pool.run(tasks * Math.ceilDiv(blocks, blocksPerTask), (index, worker) ->
                runTask(worker, index / tasks * blocksPerTask, index % tasks * lanes, v.values, g.values));
        buffers.give(g);
        buffers.give(v);
    }

    abstract void transformInput(int worker, int panel, float[] gathered, float[] v);

    abstract void transformGradient(int worker, int block, float[] gathered, float[] g);

    abstract void runTask(int worker, int firstBlock, int firstLane, float[] v, float[] g);
}

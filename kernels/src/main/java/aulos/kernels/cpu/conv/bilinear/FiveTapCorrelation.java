// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapPlanes;
import aulos.kernels.cpu.loop.NinePoints;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient in the weight of the layers of {@link FiveTapConvolution}. For a tile of 5 columns, 5 taps' products with 9
 * samples are a convolution of the samples with the gradient, 5 outputs of 5 taps: 9 multiplications instead of 25
 * ({@link NinePoints}). Tiles are added up before the points are turned back into taps, so for each point it is the
 * product of two matrices, [output channel] × [tile] and [tile] × [input channel].
 */
public final class FiveTapCorrelation extends TileCorrelation {
    private static final int TAPS = TapPlanes.TAPS;
    private static final int POINTS = NinePoints.POINTS;
    private static final int COLUMNS = SegmentTiles.OUTPUTS;

    public static final GradientJob.Algorithm ALGORITHM = new GradientJob.Algorithm(
            job -> FiveTapConvolution.suits(job.spec(), job.weightShape()), FiveTapCorrelation::run);

    private FiveTapCorrelation(GradientJob job, TapGeometry geometry) {
        super(job, geometry, SegmentTiles.ofInput(geometry, job.in()[0]), SegmentTiles.ofGradient(job.in()[1]));
    }

    private static void run(GradientJob job) {
        FiveTapCorrelation correlation = new FiveTapCorrelation(job, TapGeometry.of(job));
        correlation.run(Math.addExact(Scratch.ORIGIN, Math.multiplyExact(POINTS, correlation.vPoint)),
                Math.multiplyExact(POINTS, correlation.gPoint));
    }

    /** The points of a panel of input channels, [point][panel][tile][width]. */
    @Override
    void transformInput(int worker, int panel, float[] gathered, float[] v) {
        int width = tile.width();
        float[] line = scratch.array(worker, Slot.SAMPLES, tiles.length() * width);
        tiles.turn(gathered, panel * width, width, inputSlope, line);
        for (int t = 0; t < tiles.count; t++) {
            NinePoints.samples(line, tiles.place(t) * width, width, v,
                    Scratch.ORIGIN + panel * vPanel + t * width, vPoint, width);
        }
    }

    /** The points of a block of output channels, [point][block][tile][channel of the block]. */
    @Override
    void transformGradient(int worker, int block, float[] gathered, float[] g) {
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

    @Override
    void runTask(int worker, int firstBlock, int firstLane, float[] v, float[] g) {
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

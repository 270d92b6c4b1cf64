// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapPlanes;
import aulos.kernels.cpu.loop.PhasePoints;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;

/**
 * The gradient in the weight of the layers of {@link Stride3Convolution}, by as few multiplications. Tiles are added up
 * before the points are turned back into taps, so for each point of each pair of taps it is the product of two
 * matrices, [output channel] × [tile] and [tile] × [input channel], and for the single tap the same with columns for
 * tiles.
 */
public final class Stride3Correlation extends TileCorrelation {
    private static final int TAPS = TapPlanes.TAPS;
    private static final int POINTS = PhasePoints.POINTS;
    private static final int PAIRS = Stride3Convolution.PAIRS;
    private static final int SUMS = PAIRS * POINTS;
    private static final int STRIDE = Stride3Convolution.STRIDE;

    public static final GradientJob.Algorithm ALGORITHM = new GradientJob.Algorithm(
            job -> Stride3Convolution.suitsGradient(job.spec(), job.weightShape()), job -> new Stride3Correlation(job, TapGeometry.of(job)).run());

    private final SegmentTiles columns;

    private Stride3Correlation(GradientJob job, TapGeometry geometry) {
        super(job, geometry, Stride3Convolution.ofSamples(job.in()[0]), Stride3Convolution.ofColumns(job.in()[1], geometry.inLength));
        columns = tiles.with(geometry.outLength, STRIDE);
    }

    private void run() {
        run(Math.addExact(vAt(SUMS), Math.multiplyExact(panels * tile.width(), columns.count)), Math.addExact(
                Math.multiplyExact(POINTS, gPoint), Math.multiplyExact(blocks * tile.rows(), columns.count)));
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
    @Override
    void transformInput(int worker, int panel, float[] gathered, float[] v) {
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
    @Override
    void transformGradient(int worker, int block, float[] gathered, float[] g) {
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

    @Override
    void runTask(int worker, int firstBlock, int firstLane, float[] v, float[] g) {
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
                        Stride3Convolution.first(pair) * lanes, Stride3Convolution.second(pair) * lanes, lanes);
            }
            System.arraycopy(sums, mAt(SUMS) + from, y, Stride3Convolution.SINGLE * lanes, lanes);
            TapPlanes.join(y, lanes, channels, output, (row * geometry.inRows + firstLane) * TAPS);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.TurnedInput;
import aulos.kernels.cpu.loop.LaneTile;
import aulos.kernels.cpu.loop.SevenPoints;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient of a convolution in its weight, for the layers of residual blocks. For a tile of 4 columns, 4 taps'
 * products with 7 samples are a convolution of the samples with the gradient: 7 multiplications instead of 16 ({@link
 * SevenPoints}); 3 taps take tiles of 5 columns. More taps are groups of 4, each of which meets the samples
 * under the next tile, so all share the transformed samples. Columns of a tile lie a dilation apart. Tiles are added up
 * before the points are turned back into taps, so for each point and group it is the product of two matrices, [output
 * channel] × [tile] and [tile] × [input channel]. Vectors run along channels.
 */
public final class WinogradCorrelation extends TurnedCorrelation {
    private static final int POINTS = SevenPoints.POINTS;
    private static final int GROUP = 4;
    private static final int ORIGIN = Scratch.ORIGIN;
    /** Tiles that are summed in one go (see {@code TapSums.LENGTH}). */
    private static final int SUMMED = 256;
    /** Tiles that a task transforms. */
    private static final int TRANSFORMED = 64;
    /** Output channels of a task, of layers that have more than {@link #NARROW}; else those of one product. */
    private static final int ROWS = 32;
    private static final int NARROW = 32;
    private static final int MAX_CHANNELS = 256;
    /** Fewer leave a good part of a second group empty. */
    private static final int MIN_TAPS = 7;
    private static final int MAX_TAPS = 3 * GROUP;
    /** On fewer columns, transforms weigh too much. */
    private static final int MIN_COLUMNS = 256;
    /** Channels times taps: with fewer as well. */
    private static final int MIN_PRODUCTS = 320;

    public static final GradientJob.Algorithm ALGORITHM = new GradientJob.Algorithm(
            job -> suits(job.spec(), job.weightShape(), job.gradientShape()), job -> new WinogradCorrelation(job).run());

    private final TurnedInput input;
    private final TurnedInput gradient;

    private final int dilation;
    private final int cout;
    /** Taps of a group, and columns of a tile. */
    private final int taps;
    private final int columns;
    private final int groups;
    /** Signals, each with a dilation of 1: the columns of a segment that leave the same remainder. */
    private final int signals;
    /** Tiles of a signal, of the gradient and of the input. */
    private final int gradientTiles;
    private final int inputTiles;
    private final int uRow;
    private final int uPoint;
    private final int vRow;
    private final int vPoint;

    private final int width;
    private final int rows;
    private final int mPoint;
    /** Where each tile lies in the transformed gradient and input. */
    private final int[] uPlaces;
    private final int[] vPlaces;

    private WinogradCorrelation(GradientJob job) {
        super(job);
        Shape g = gradientShape();
        dilation = spec.dilation();
        cout = allOut;
        taps = Math.min(kernelSize, GROUP);
        columns = SevenPoints.SAMPLES + 1 - taps;
        groups = Math.ceilDiv(kernelSize, taps);
        signals = g.dim(0) * dilation;
        gradientTiles = Math.ceilDiv(Math.ceilDiv(g.dim(2), dilation), columns);
        inputTiles = gradientTiles + groups - 1;
        int samples = (inputTiles - 1) * columns + SevenPoints.SAMPLES;
        input = turnedInput(samples * dilation);
        gradient = turnedGradient(1, gradientTiles * columns * dilation);
        uRow = Scratch.oddLines(cout);
        uPoint = Scratch.oddLines(Math.multiplyExact(signals * gradientTiles, uRow));
        vRow = Scratch.oddLines(cin);
        vPoint = Scratch.oddLines(Math.multiplyExact(signals * inputTiles, vRow));
        width = LaneTile.width(cin);
        rows = cout > NARROW ? ROWS : LaneTile.ROWS;
        mPoint = rows * cin + 16;
        uPlaces = new int[signals * gradientTiles];
        Arrays.setAll(uPlaces, tile -> tile * uRow);
        vPlaces = new int[uPlaces.length];
        Arrays.setAll(vPlaces, tile -> (tile / gradientTiles * inputTiles + tile % gradientTiles) * vRow);
    }

    /** Whether the layer is one of those that gain (docs/performance.md), and its channels fill vectors. */
    public static boolean suits(ConvSpec spec, Shape weight, Shape g) {
        int taps = weight.dim(2);
        int channels = Math.min(weight.dim(0), weight.dim(1));
        return spec.stride() == 1 && spec.groups() == 1 && (taps == 3 || taps >= MIN_TAPS && taps <= MAX_TAPS)
                && fits(weight.dim(0)) && fits(weight.dim(1)) && channels * taps >= MIN_PRODUCTS
                && g.dim(0) * g.dim(2) >= MIN_COLUMNS;
    }

    private static boolean fits(int channels) {
        return channels <= MAX_CHANNELS && channels % 32 == 0;
    }

    private void run() {
        CpuBuffer inputs = buffers.take(input.size());
        input.fill(pool, scratch, inputs.values);
        CpuBuffer v = buffers.take(Math.addExact(ORIGIN, Math.multiplyExact(POINTS, vPoint)));
        forTiles(inputTiles, (signal, tile) -> SevenPoints.samples(inputs.values, at(input, signal, tile),
                dilation * cin, v.values, ORIGIN + (signal * inputTiles + tile) * vRow, vPoint, cin));
        buffers.give(inputs);
        CpuBuffer gradients = buffers.take(gradient.size());
        gradient.fill(pool, scratch, gradients.values);
        CpuBuffer u = buffers.take(Math.addExact(ORIGIN, Math.multiplyExact(POINTS, uPoint)));
        forTiles(gradientTiles, (signal, tile) -> {
            int from = at(gradient, signal, tile);
            int to = ORIGIN + (signal * gradientTiles + tile) * uRow;
            if (columns == GROUP) {
                SevenPoints.fourTaps(gradients.values, from, dilation * cout, u.values, to, uPoint, cout);
            } else {
                SevenPoints.fiveTaps(gradients.values, from, dilation * cout, u.values, to, uPoint, cout);
            }
        });
        buffers.give(gradients);
        int blocks = Math.ceilDiv(cout, rows);
        pool.run(blocks * groups, (index, worker) -> runTask(worker, index / groups * rows, index % groups, u.values,
                v.values));
        buffers.give(u);
        buffers.give(v);
    }

    private interface TileTask {
        void run(int signal, int tile);
    }

    private void forTiles(int tiles, TileTask body) {
        int chunks = Math.ceilDiv(tiles, TRANSFORMED);
        pool.run(signals * chunks, (index, worker) -> {
            int first = index % chunks * TRANSFORMED;
            for (int tile = first; tile < Math.min(first + TRANSFORMED, tiles); tile++) {
                body.run(index / chunks, tile);
            }
        });
    }

    /** Where the first sample of a tile lies. */
    private int at(TurnedInput turned, int signal, int tile) {
        return turned.offset(0, signal / dilation)
                + (signal % dilation + tile * columns * dilation) * turned.channels();
    }

    private void runTask(int worker, int firstRow, int group, float[] u, float[] v) {
        int count = Math.min(rows, cout - firstRow);
        float[] sums = scratch.array(worker, Slot.SUMS, POINTS * mPoint);
        Arrays.fill(sums, ORIGIN, ORIGIN + POINTS * mPoint, 0);
        for (int first = 0; first < uPlaces.length; first += SUMMED) {
            int end = Math.min(first + SUMMED, uPlaces.length);
            for (int point = 0; point < POINTS; point++) {
                for (int lane = 0; lane < cin; lane += width) {
                    for (int row = 0; row < count; row += LaneTile.ROWS) {
                        LaneTile.add(u, ORIGIN + point * uPoint + firstRow + row, uPlaces, v,
                                ORIGIN + point * vPoint + group * vRow + lane, vPlaces, first, end, width, 1, sums,
                                ORIGIN + point * mPoint + lane * rows + row * width);
                    }
                }
            }
        }
        for (int lane = 0; lane < cin; lane += width) {
            for (int row = 0; row < count; row += LaneTile.ROWS) {
                store(worker, firstRow + row, lane, group, sums, ORIGIN + lane * rows + row * width);
            }
        }
    }

    /** Turns the points of a product into taps, and puts them where they belong. */
    private void store(int worker, int row, int lane, int group, float[] sums, int at) {
        int size = LaneTile.ROWS * width;
        float[] y = scratch.array(worker, Slot.OUTPUT, taps * size);
        if (taps == GROUP) {
            SevenPoints.fourOutputs(sums, at, mPoint, y, 0, size, size);
        } else {
            SevenPoints.threeOutputs(sums, at, mPoint, y, 0, size, size);
        }
        int first = group * taps;
        for (int tap = first; tap < Math.min(first + taps, kernelSize); tap++) {
            for (int i = 0; i < size; i++) {
                output[((row + i / width) * cin + lane + i % width) * kernelSize + tap] = y[(tap - first) * size + i];
            }
        }
    }
}

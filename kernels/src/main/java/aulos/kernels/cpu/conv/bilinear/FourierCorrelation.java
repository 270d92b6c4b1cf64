// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.TurnedInput;
import aulos.kernels.cpu.loop.FourierTile;
import aulos.kernels.cpu.loop.LaneTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient of a convolution in its weight by {@link FourierTile}, for long filters: 4 multiplications for each output
 * and input channel, and up to 32 taps. The transformed tiles of input and gradient are multiplied and summed over all
 * tiles, and only the sums transformed back. A stride is taken apart into phases of the input, which become channels, as
 * in {@link FourierConvolution}. Vectors run along channels.
 *
 * <p>A task has some channels of the input and some of the gradient and, where these are few, one of several ranges of the
 * tiles; what ranges give is added in order, and they depend on the layer alone.
 */
public final class FourierCorrelation extends TurnedCorrelation {
    private static final int TILE = FourierTile.POINTS;
    private static final int POINTS = FourierTile.POINTS;
    /** Channels of the input, times phases, of a task, and channels of the gradient. */
    private static final int MAX_ROWS = 32;
    private static final int MAX_CHANNELS = 32;
    /** Tiles taken at a time; what they become and the sums stay in the second-level cache. */
    private static final int CHUNK = 32;
    /** Signals that are transformed together. */
    private static final int SIGNALS = 64;
    /** Fewer tasks than this, and tiles are divided into ranges. */
    private static final int MIN_TASKS = 16;
    /** Filters of so few taps take fewer multiplications otherwise. */
    private static final int SHORT = 16;
    /** On fewer columns, transforming the sums back costs more than is saved. */
    private static final int MIN_COLUMNS = 192;

    public static final GradientJob.Algorithm ALGORITHM = new GradientJob.Algorithm(
            job -> suits(job.spec(), job.weightShape(), job.gradientShape()), job -> new FourierCorrelation(job).run());

    private final TurnedInput input;
    private final TurnedInput gradient;

    private final int cout;
    /** Channels of a group, times phases. */
    private final int allRows;
    /** Of these, those of a task. */
    private final int rows;
    /** Of these, those of one product. */
    private final int width;
    /** Channels of the gradient in a task. */
    private final int channels;
    /** Tiles of a segment. */
    private final int tiles;
    /** From real sums to imaginary ones. */
    private final int mPart;

    private FourierCorrelation(GradientJob job) {
        super(job);
        Shape g = gradientShape();
        cout = allOut / spec.groups();
        allRows = cin * spec.stride();
        rows = Math.min(allRows, MAX_ROWS);
        width = LaneTile.width(rows);
        channels = Math.min(cout, MAX_CHANNELS);
        mPart = channels * rows + 16;
        tiles = Math.ceilDiv(g.dim(2), TILE);
        int samples = Math.multiplyExact((tiles + 1) * TILE, spec.stride());
        input = turnedInput(samples);
        gradient = turnedGradient(spec.groups(), tiles * TILE);
    }

    /** Whether the layer is one of those that gain (docs/performance.md), and its channels fill vectors. */
    public static boolean suits(ConvSpec spec, Shape weight, Shape g) {
        int taps = Math.ceilDiv(weight.dim(2), spec.stride());
        return taps > SHORT && taps <= TILE && spec.dilation() == 1 && g.dim(0) * g.dim(2) >= MIN_COLUMNS
                && fills(weight.dim(0) / spec.groups()) && fills(weight.dim(1) * spec.stride());
    }

    private static boolean fills(int channels) {
        return channels == 16 || channels % 32 == 0;
    }

    private void run() {
        CpuBuffer inputs = buffers.take(input.size());
        input.fill(pool, scratch, inputs.values);
        CpuBuffer gradients = buffers.take(gradient.size());
        gradient.fill(pool, scratch, gradients.values);
        int rowBlocks = allRows / rows;
        int channelBlocks = cout / channels;
        int blocks = spec.groups() * channelBlocks * rowBlocks;
        int all = Math.multiplyExact(gradient.shape().dim(0), tiles);
        int ranges = Math.clamp(Math.ceilDiv(MIN_TASKS, blocks), 1, Math.ceilDiv(all, CHUNK));
        int range = Math.ceilDiv(all, ranges);
        int weights = spec.groups() * cout * cin * kernelSize;
        CpuBuffer partial = ranges == 1 ? null : buffers.take(Math.multiplyExact(ranges, weights));
        float[] to = partial == null ? output : partial.values;
        pool.run(blocks * ranges, (index, worker) -> {
            int first = index % ranges * range;
            int block = index / ranges;
            Block of = new Block(block / (channelBlocks * rowBlocks), block / rowBlocks % channelBlocks * channels,
                    block % rowBlocks * rows);
            float[] sums = sums(worker, of, first, Math.min(first + range, all), inputs.values, gradients.values);
            store(worker, of, sums, to, index % ranges * weights);
        });
        if (partial != null) {
            System.arraycopy(to, 0, output, 0, weights);
            for (int part = 1; part < ranges; part++) {
                Rows.add(to, part * weights, 0, output, 0, 0, 1, weights, 1);
            }
            buffers.give(partial);
        }
        buffers.give(gradients);
        buffers.give(inputs);
    }

    /** The channels of a task: the first of the gradient's in its group, and the first row of the input's. */
    private record Block(int group, int channel, int row) {}

    /** Minus the transformed gradient, [point][real, imaginary][block of rows][channel][row of the block]. */
    private float[] sums(int worker, Block of, int first, int end, float[] inputs, float[] gradients) {
        float[] m = scratch.array(worker, Slot.SUMS, 2 * POINTS * mPart);
        Arrays.fill(m, 0, 2 * POINTS * mPart, 0);
        for (int from = first; from < end; from += CHUNK) {
            int count = Math.min(CHUNK, end - from);
            float[] v = transformedInput(worker, of, from, count, inputs);
            float[] a = transformedGradient(worker, of, from, count, gradients);
            multiply(a, v, count, m);
        }
        return m;
    }

    /** From real parts of {@code count} tiles to imaginary ones: a cache line more, lest points compete for sets. */
    private static int part(int count, int width) {
        return count * width + 16;
    }

    /** [point][real, imaginary][tile][row]. */
    private float[] transformedInput(int worker, Block of, int first, int count, float[] inputs) {
        int part = part(count, rows);
        float[] v = scratch.array(worker, Slot.POINTS, 2 * POINTS * part);
        float[] t = scratch.array(worker, Slot.WORK, FourierTile.scratch(SIGNALS));
        int run;
        for (int i = 0; i < count; i += run) {
            int index = (first + i) % tiles;
            run = Math.min(Math.min(SIGNALS / rows, count - i), tiles - index);
            int at = input.offset(of.group, (first + i) / tiles) + index * TILE * allRows + of.row;
            FourierTile.forward(inputs, at, at + TILE * allRows, allRows, TILE * allRows, run, rows, t, v, i * rows,
                    part, 2 * part);
        }
        return v;
    }

    /** Of the gradient backwards, since its place counts against the input's, and negative, as t⁻ⁿ is −t⁶⁴⁻ⁿ. */
    private float[] transformedGradient(int worker, Block of, int first, int count, float[] gradients) {
        int part = part(count, channels);
        float[] a = scratch.array(worker, Slot.WEIGHTS, 2 * POINTS * part);
        float[] t = scratch.array(worker, Slot.WORK, FourierTile.scratch(SIGNALS));
        float[] line = scratch.array(worker, Slot.LINE, FourierTile.SAMPLES * channels);
        Arrays.fill(line, 0, FourierTile.SAMPLES * channels, 0);
        for (int i = 0; i < count; i++) {
            int from = gradient.offset(of.group, (first + i) / tiles) + (first + i) % tiles * TILE * cout + of.channel;
            for (int o = 0; o < channels; o++) {
                line[o] = -gradients[from + o];
            }
            for (int sample = 1; sample < TILE; sample++) {
                System.arraycopy(gradients, from + sample * cout, line, (FourierTile.SAMPLES - sample) * channels,
                        channels);
            }
            FourierTile.forward(line, 0, TILE * channels, channels, 0, 1, channels, t, a, i * channels, part, 2 * part);
        }
        return a;
    }

    /** Adds complex products, summed over tiles, to m. */
    private void multiply(float[] a, float[] v, int count, float[] m) {
        int aPart = part(count, channels);
        int vPart = part(count, rows);
        int[] realFirst = new int[2 * count];
        int[] imaginaryFirst = new int[2 * count];
        int[] steps = new int[2 * count];
        for (int n = 0; n < count; n++) {
            realFirst[n] = n * channels;
            realFirst[count + n] = aPart + n * channels;
            imaginaryFirst[n] = aPart + n * channels;
            imaginaryFirst[count + n] = n * channels;
            steps[n] = n * rows;
            steps[count + n] = vPart + n * rows;
        }
        for (int p = 0; p < POINTS; p++) {
            for (int row = 0; row < rows; row += width) {
                int x = 2 * p * vPart + row;
                for (int channel = 0; channel < channels; channel += LaneTile.ROWS) {
                    int w = 2 * p * aPart + channel;
                    int real = 2 * p * mPart + row * channels + channel * width;
                    LaneTile.add(a, w, realFirst, v, x, steps, 0, count, width, -1, m, real);
                    LaneTile.add(a, w, realFirst, v, x, steps, count, 2 * count, width, 1, m, real);
                    LaneTile.add(a, w, imaginaryFirst, v, x, steps, 0, 2 * count, width, -1, m, real + mPart);
                }
            }
        }
    }

    /** Transforms the sums back and moves the taps to where they belong. */
    private void store(int worker, Block of, float[] sums, float[] to, int start) {
        float[] y = scratch.array(worker, Slot.POINTS, TILE * mPart);
        float[] t = scratch.array(worker, Slot.WORK, FourierTile.scratch(SIGNALS));
        for (int i = 0; i < channels * rows; i += SIGNALS) {
            FourierTile.back(sums, i, mPart, 2 * mPart, t, y, i, mPart,
                    Math.min(SIGNALS, channels * rows - i));
        }
        int stride = spec.stride();
        int n;
        for (int r = 0; r < rows; r += n) {
            int phase = (of.row + r) / cin;
            int in = (of.row + r) % cin;
            n = Math.min(width - r % width, cin - in);
            int block = r / width * channels * width + r % width;
            for (int o = 0; o < channels; o++) {
                int at = start + ((of.group * cout + of.channel + o) * cin + in) * kernelSize;
                for (int tap = 0; tap < TILE; tap++) {
                    int k = tap * stride + phase;
                    int from = tap * mPart + block + o * width;
                    for (int i = 0; i < n && k < kernelSize; i++) {
                        to[at + i * kernelSize + k] = y[from + i];
                    }
                }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvAlgorithm;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.loop.FourierTile;
import aulos.kernels.cpu.loop.LaneTile;
import aulos.kernels.cpu.loop.Phases;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Convolution with long filters in groups of a few channels, or the gradient in its input, by {@link FourierTile}: 4
 * multiplications for each output and input channel, where a plain sum has one for each tap.
 *
 * <p>A tile's {@value #TILE} outputs come from the tile of as many inputs at the same place and the next one, through up
 * to 33 taps; a longer filter is made of parts of 32 taps that read the same transformed tiles, each one further on. A
 * stride is taken apart into phases, which become channels: {@code stride} neighbouring samples of all channels are a
 * column of the input, or in the transposed convolution of the output, and a column meets every stride-th tap.
 *
 * <p>A task has some output channels of one group and a range of the time axis. It transforms its weights itself, which
 * costs less than to fetch what another task has transformed; then it takes a piece of the axis after the other. Vectors
 * run along tiles in the input, along channels in weights and outputs. Short segments are taken a few at a time, their
 * tiles in turn, lest vectors stay empty. What an output is made from depends on its place in its segment alone.
 */
public final class FourierConvolution extends LongFilterConvolution {
    private static final int TILE = FourierTile.POINTS;
    private static final int POINTS = FourierTile.POINTS;
    /** Segments of fewer tiles are joined, */
    private static final int SHORT = 8;
    /** so many of them. */
    private static final int JOINED = 4;
    /** Transformed weights of a task, in floats: half of a 1 MB L2 cache. */
    private static final int WEIGHTS = 128 * 1024;
    /** Signals that are transformed together. */
    private static final int SIGNALS = 64;
    /** Fewer tasks than this, and pieces are divided into ranges, */
    private static final int MIN_TASKS = 16;
    /** which have at least so many tiles, to be worth another transformation of the weights. */
    private static final int MIN_TILES = 32;

    public static final ConvAlgorithm ALGORITHM = new ConvAlgorithm.Whole(
            (spec, weight, transposed) -> suits(spec, weight), FourierConvolution::reach,
            job -> new FourierConvolution(job).run());

    /** Input channels of a group, times phases. */
    private final int rows;
    /** Of these, those whose transformed weights are made and used at a time. */
    private final int rowsAtOnce;
    /** Output channels, times phases, of a task. */
    private final int width;
    /** Output channels of a task, and tasks for those of a group. */
    private final int channels;
    private final int blocks;
    /** Taps of a phase. */
    private final int taps;
    private final int parts;
    /** Output samples of a column. */
    private final int step;
    /** The output sample at which the first column begins; it may lie before the first. */
    private final int firstSample;
    /** The input sample that the first tap of the first column meets, and the number of samples of a column. */
    private final int firstRead;
    private final int readStep;
    /** Tiles of a segment. */
    private final int tiles;
    /** Segments whose tiles are taken in turn: tile i of segment s is number i·joined + s. */
    private final int joined;
    /** Tiles of a piece, and pieces of the joined segments. */
    private final int piece;
    private final int pieces;
    /** Tiles that are transformed for a piece, whole vectors of them. */
    private final int transformed;
    /** Where the factors of each product lie: real and imaginary parts, those of the input in two orders. */
    private final int[] realFirst;
    private final int[] imaginaryFirst;
    private final int[] steps;
    /** From a real part to the imaginary one, of input, weights and products, and from an output of tiles to the next. */
    private final int vPart;
    private final int uPart;
    private final int mPart;
    private final int yRow;

    private FourierConvolution(ConvJob job) {
        super(job);
        taps = Math.ceilDiv(kernelSize, spec.stride());
        parts = parts(taps);
        rows = transposed ? cout : cin * spec.stride();
        int lanes = transposed ? cin * spec.stride() : cout;
        width = LaneTile.width(lanes);
        blocks = lanes / width;
        step = transposed ? spec.stride() : 1;
        channels = width / step;
        int divisor = 1;
        while (rows / divisor % 2 == 0 && rows / divisor * parts * 2 * POINTS * width > WEIGHTS) {
            divisor *= 2;
        }
        rowsAtOnce = rows / divisor;

        int firstColumn = transposed ? spec.padding() / step : 0;
        firstSample = transposed ? firstColumn * step - spec.padding() : 0;
        firstRead = transposed ? firstColumn - taps + 1 : -spec.padding();
        readStep = transposed ? 1 : spec.stride();
        tiles = Math.ceilDiv(Math.ceilDiv(out.dim(2) - firstSample, step), TILE);
        joined = tiles < SHORT ? Math.min(Integer.highestOneBit(in.dim(0)), JOINED) : 1;
        int all = tiles * joined;
        pieces = Math.ceilDiv(all, parts == 1 ? 16 : 24);
        piece = Math.ceilDiv(Math.ceilDiv(all, pieces), LaneTile.ROWS) * LaneTile.ROWS;
        transformed = Math.ceilDiv(piece + (parts - 1) * joined, 16) * 16;

        int terms = terms();
        // A cache line more than needed, lest all points compete for the same few sets of a cache.
        vPart = rows * transformed + 16;
        uPart = terms * width + 16;
        mPart = piece * width + 16;
        yRow = piece * width + 16;
        realFirst = new int[2 * terms];
        imaginaryFirst = new int[2 * terms];
        for (int i = 0; i < terms; i++) {
            int place = i % rowsAtOnce * transformed + i / rowsAtOnce * joined;
            realFirst[i] = place;
            realFirst[terms + i] = place + vPart;
            imaginaryFirst[i] = place + vPart;
            imaginaryFirst[terms + i] = place;
        }
        steps = new int[2 * terms];
        Arrays.setAll(steps, i -> i / terms * uPart + i % terms * width);
    }

    /** Whether the layer is one of those that gain (docs/performance.md), and its channels fill vectors. */
    static boolean suits(ConvSpec spec, Shape weight) {
        int phases = weight.dim(1) * spec.stride();
        return spec.groups() > 1 && spec.dilation() == 1 && Math.ceilDiv(weight.dim(2), spec.stride()) > 16
                && fills(weight.dim(0) / spec.groups()) && fills(phases) && LaneTile.width(phases) % spec.stride() == 0;
    }

    /** Of stride 1. Any of the outputs of a tile may be made from all samples that the tile reads. */
    private static Backend.Reach reach(ConvSpec spec, int kernelSize) {
        return new Backend.Reach(spec.padding() + TILE - 1, TILE * (parts(kernelSize) + 1) - 1 - spec.padding(), TILE);
    }

    private static int parts(int taps) {
        return Math.max(1, Math.ceilDiv(taps - 1, TILE));
    }

    private static boolean fills(int lanes) {
        return lanes >= 16 && lanes % LaneTile.width(lanes) == 0;
    }

    /** Products that are summed at a time for each point of an output. */
    private int terms() {
        return parts * rowsAtOnce;
    }

    private void run() {
        int all = Math.ceilDiv(out.dim(0), joined) * pieces;
        int ranges = Math.clamp(Math.min(MIN_TASKS / (spec.groups() * blocks), all * piece / MIN_TILES), 1, all);
        int range = Math.ceilDiv(all, ranges);
        pool.run(spec.groups() * blocks * ranges, (index, worker) -> {
            int block = index / ranges;
            int first = index % ranges * range;
            runTask(worker, block / blocks, block % blocks * channels, first, Math.min(first + range, all));
        });
    }

    private void runTask(int worker, int group, int channel, int first, int end) {
        float[] u = scratch.array(worker, Slot.WEIGHTS, 2 * POINTS * uPart);
        float[] m = scratch.array(worker, Slot.SUMS, 2 * POINTS * mPart);
        for (int i = first; i < end; i++) {
            int segment = i / pieces * joined;
            int tile = i % pieces * piece / joined;
            float[] v = transformedInput(worker, group, segment, tile);
            Arrays.fill(m, 0, 2 * POINTS * mPart, 0);
            for (int row = 0; row < rows; row += rowsAtOnce) {
                if (i == first || rowsAtOnce < rows) {
                    transformWeights(worker, group, channel, row, u);
                }
                multiply(v, row * transformed, u, m);
            }
            float[] y = outputs(worker, m);
            for (int s = 0; s < joined && segment + s < out.dim(0); s++) {
                store(worker, segment + s, group, channel, tile, y, s * width);
            }
        }
    }

    /** Of some input channels, u[point][real, imaginary][part][input channel][output channel]. */
    private void transformWeights(int worker, int group, int channel, int firstRow, float[] u) {
        int together = SIGNALS / width;
        int lineSize = (FourierTile.SAMPLES + 1) * width;
        float[] lines = scratch.array(worker, Slot.SAMPLES, together * lineSize);
        float[] t = scratch.array(worker, Slot.WORK, FourierTile.scratch(SIGNALS));
        for (int term = 0; term < terms(); term += together) {
            int count = Math.min(together, terms() - term);
            Arrays.fill(lines, 0, count * lineSize, 0);
            for (int i = 0; i < count; i++) {
                int row = firstRow + (term + i) % rowsAtOnce;
                int firstTap = (term + i) / rowsAtOnce * TILE;
                int line = i * lineSize;
                if (transposed) {
                    layOutBackwards(group * cout + row, channel, firstTap, lines, line);
                } else {
                    layOut(group * cout + channel, row % cin, row / cin, firstTap, lines, line);
                }
                for (int o = 0; o < width; o++) {
                    lines[line + o] = -lines[line + FourierTile.SAMPLES * width + o];
                }
            }
            FourierTile.forward(lines, 0, TILE * width, width, lineSize, count, width, t, u, term * width, uPart,
                    2 * uPart);
        }
    }

    /**
     * A part of the taps of one phase of an input channel: that of {@code firstTap} + n for each output channel in sample
     * 64 − n, as t⁻ⁿ is −t⁶⁴⁻ⁿ; what comes out is minus the filter.
     */
    private void layOut(int firstOut, int channel, int phase, int firstTap, float[] lines, int line) {
        int count = Math.min(tapsOf(phase), lastTap(firstTap)) - firstTap;
        for (int i = 0; i < width && count > 0; i += 8) {
            int from = ((firstOut + i) * cin + channel) * kernelSize + phase + firstTap * spec.stride();
            Rows.interleaveRows(weight, from, spec.stride(), cin * kernelSize,
                    Math.min(8, width), count, lines,
                    line + FourierTile.SAMPLES * width + i, -width);
        }
    }

    /** The same for the taps of one output channel of the convolution, which come back to front. */
    private void layOutBackwards(int outChannel, int firstIn, int firstTap, float[] lines, int line) {
        for (int phase = 0; phase < step; phase++) {
            int from = Math.max(taps - lastTap(firstTap), 0);
            int count = Math.min(tapsOf(phase), taps - firstTap) - from;
            int sample = FourierTile.SAMPLES - (taps - 1 - from - firstTap);
            for (int i = 0; i < channels && count > 0; i += 8) {
                Rows.interleaveRows(weight, (outChannel * cin + firstIn + i) * kernelSize + phase + from * step, step,
                        kernelSize, Math.min(8, channels - i), count, lines,
                        line + sample * width + phase * channels + i, width);
            }
        }
    }

    private int tapsOf(int phase) {
        return Math.ceilDiv(kernelSize - phase, spec.stride());
    }

    /** Where the part that begins with {@code firstTap} ends: the last one may have 33 taps. */
    private int lastTap(int firstTap) {
        return firstTap == (parts - 1) * TILE ? taps : firstTap + TILE;
    }

    /** The input of a piece, [point][real, imaginary][channel and phase of the stride][tile]. */
    private float[] transformedInput(int worker, int group, int segment, int tile) {
        int together = Math.max(1, SIGNALS / transformed);
        int xRow = xRow();
        float[] v = scratch.array(worker, Slot.POINTS, 2 * POINTS * vPart);
        float[] samples = scratch.array(worker, Slot.SAMPLES, together * TILE * xRow);
        float[] t = scratch.array(worker, Slot.WORK, FourierTile.scratch(together * transformed));
        for (int row = 0; row < rows; row += together) {
            int count = Math.min(together, rows - row);
            for (int i = 0; i < count; i++) {
                for (int s = 0; s < joined; s++) {
                    split(worker, line(worker, group, row + i, segment + s, tile), samples, i * TILE * xRow, s);
                }
            }
            FourierTile.forward(samples, 0, joined, xRow, TILE * xRow, count, transformed, t, v, row * transformed,
                    vPart, 2 * vPart);
        }
        return v;
    }

    /** From a sample of the tiles of a piece to the next. */
    private int xRow() {
        return transformed + joined;
    }

    /** The samples of a segment's tiles, one after the other. */
    private float[] line(int worker, int group, int row, int segment, int tile) {
        int count = Math.ceilDiv(xRow(), joined) * TILE;
        float[] line = scratch.array(worker, Slot.LINE, count);
        int perGroup = rows / readStep;
        int first = firstRead + row / perGroup + tile * TILE * readStep;
        gather(segment, group * perGroup + row % perGroup, first, count, line);
        return line;
    }

    /** To to[at + sample·pitch + tile·joined + s]. */
    private void split(int worker, float[] line, float[] to, int at, int s) {
        int pitch = xRow();
        int count = Math.ceilDiv(pitch, joined);
        if (joined > 1) {
            for (int sample = 0; sample < TILE; sample++) {
                for (int i = 0; i * joined + s < pitch; i++) {
                    to[at + sample * pitch + i * joined + s] = line[i * TILE + sample];
                }
            }
            return;
        }
        int fours = TILE / Phases.COUNT;
        int phaseRow = count * fours;
        float[] phases = scratch.array(worker, Slot.PHASES, Phases.COUNT * phaseRow);
        Phases.split(line, 0, phaseRow, phases, 0, phaseRow);
        for (int sample = 0; sample < TILE; sample++) {
            Rows.leakyCopy(phases, sample % Phases.COUNT * phaseRow + sample / Phases.COUNT, fours, to,
                    at + sample * pitch, count, 1);
        }
    }

    /** Every {@link #readStep}-th sample from {@code first} on, zero where there is none. */
    private void gather(int segment, int channel, int first, int count, float[] line) {
        int from = Math.clamp(Math.ceilDiv(-first, readStep), 0, count);
        int end = segment < in.dim(0) ? Math.clamp(Math.ceilDiv(in.dim(2) - first, readStep), from, count) : from;
        Arrays.fill(line, 0, from, 0);
        Arrays.fill(line, end, count, 0);
        if (end > from) {
            Rows.leakyCopy(x, (segment * in.dim(1) + channel) * in.dim(2) + first + from * readStep, readStep, line,
                    from, end - from, slope);
        }
    }

    /** Adds complex products to m[point][real, imaginary][tile][output channel]; the weights come with a minus. */
    private void multiply(float[] v, int vAt, float[] u, float[] m) {
        int terms = terms();
        for (int p = 0; p < POINTS; p++) {
            int vPoint = vAt + 2 * p * vPart;
            int uPoint = 2 * p * uPart;
            for (int n = 0; n < piece; n += LaneTile.ROWS) {
                int real = 2 * p * mPart + n * width;
                int imaginary = real + mPart;
                LaneTile.add(v, vPoint + n, realFirst, u, uPoint, steps, 0, terms, width, -1, m, real);
                LaneTile.add(v, vPoint + n, realFirst, u, uPoint, steps, terms, 2 * terms, width, 1, m, real);
                LaneTile.add(v, vPoint + n, imaginaryFirst, u, uPoint, steps, 0, 2 * terms, width, -1, m, imaginary);
            }
        }
    }

    /** The outputs of a piece, [output of the tile][tile][channel]. */
    private float[] outputs(int worker, float[] m) {
        int all = piece * width;
        float[] y = scratch.array(worker, Slot.SAMPLES, TILE * yRow);
        float[] t = scratch.array(worker, Slot.WORK, FourierTile.scratch(SIGNALS));
        for (int i = 0; i < all; i += SIGNALS) {
            FourierTile.back(m, i, mPart, 2 * mPart, t, y, i, yRow, Math.min(SIGNALS, all - i));
        }
        return y;
    }

    /** Moves one segment's outputs, every {@link #joined}-th tile, to where they belong. */
    private void store(int worker, int segment, int group, int channel, int tile, float[] y, int at) {
        int count = Math.min(piece / joined, tiles - tile);
        int samples = count * TILE * step;
        int pitch = samples + 16;
        float[] lines = scratch.array(worker, Slot.LINE, channels * pitch);
        for (int i = 0; i < count; i++) {
            for (int phase = 0; phase < step; phase++) {
                for (int c = 0; c < channels; c++) {
                    int from = at + i * joined * width + phase * channels + c;
                    int to = c * pitch + i * TILE * step + phase;
                    for (int n = 0; n < TILE; n++) {
                        lines[to + n * step] = y[from + n * yRow];
                    }
                }
            }
        }
        int first = firstSample + tile * TILE * step;
        int from = Math.max(first, 0);
        int n = Math.min(first + samples, out.dim(2)) - from;
        int perGroup = out.dim(1) / spec.groups();
        for (int c = 0; c < channels && n > 0; c++) {
            int row = group * perGroup + channel + c;
            int to = (segment * out.dim(1) + row) * out.dim(2) + from;
            int line = c * pitch + from - first;
            float start = bias == null ? 0 : bias[row];
            for (int i = 0; i < n; i++) {
                output[to + i] = lines[line + i] + start;
            }
            if (!epilogue.isEmpty()) {
                epilogue.apply(output, to, n);
            }
        }
    }
}

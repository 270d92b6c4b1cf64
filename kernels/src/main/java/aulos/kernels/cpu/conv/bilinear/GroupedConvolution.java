// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvAlgorithm;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.loop.GroupedTransform;
import aulos.kernels.cpu.loop.LaneTile;
import aulos.kernels.cpu.loop.Phases;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Convolution with long filters in groups of a few channels, or the gradient in its input: 28 multiplications for 8
 * outputs of 12 taps ({@link GroupedTransform}). A stride is taken apart into phases, and a phase of more taps into parts
 * of {@value #PART}: each phase of an input channel is a signal, each part reads it further on, and both are summed like
 * channels. In the transposed convolution it is the output that has phases.
 *
 * <p>For each of the 28 points it is a product of matrices, [tile] × [signal and part] with [signal and part] × [output
 * channel]. A task has a group and a range of the time axis; it transforms weights and input in cache, a few signals at a
 * time. Vectors run along tiles in the input, along channels in weights and outputs. The tiles of up to {@value #JOINED}
 * segments take turns, as short segments would leave vectors empty. What an output is made from depends on its place in
 * its segment alone.
 */
public final class GroupedConvolution extends LongFilterConvolution {
    /** Taps of a part. */
    static final int PART = GroupedTransform.TAPS;
    private static final int TILE = GroupedTransform.TILE;
    private static final int POINTS = GroupedTransform.POINTS;
    private static final int JOINED = 4;
    /** Transformed weights that are made and used at a time, in floats, unless a channel alone has more. */
    private static final int WEIGHTS = 80 * 1024;
    /** Tiles of a piece at most, and what their sums may take, in floats. */
    private static final int MAX_TILES = 64;
    private static final int SUMS = 128 * 1024;
    /** Floats of a tap's weights that are transformed together: few enough for all planes to stay in a first-level cache. */
    private static final int TOGETHER = 256;
    /** Of a group, for filters of several parts. */
    private static final int MANY_CHANNELS = 64;
    /** Fewer tasks than this, and pieces are divided into ranges. */
    private static final int MIN_TASKS = 16;

    public static final ConvAlgorithm ALGORITHM = new ConvAlgorithm.Whole(
            (spec, weight, transposed) -> suits(spec, weight), GroupedConvolution::reach,
            job -> new GroupedConvolution(job).run());

    /** Taps of a phase, and the parts they are divided into. */
    private final int taps;
    private final int parts;
    /** Signals of a group; those of an input channel; input channels whose weights are transformed at a time. */
    private final int signals;
    private final int phases;
    private final int channelsAtOnce;
    /** Output channels of a group, times phases, and those that the micro-kernel takes. */
    private final int lanes;
    private final int width;
    /** Output samples of a column. */
    private final int step;
    /** The first column, and the output sample at which it begins, which may lie before the first. */
    private final int firstColumn;
    private final int firstSample;
    /** Tiles of a segment, segments whose tiles take turns (tile i of segment s is number i·joined + s). */
    private final int tiles;
    private final int joined;
    /** Tiles of a piece, pieces of the joined segments, tiles transformed for a piece, in whole vectors. */
    private final int piece;
    private final int pieces;
    private final int transformed;
    /** From a phase modulo 8 of a signal to the next. */
    private final int phaseRow;
    private final int vPoint;
    private final int uPoint;
    private final int mPoint;
    private final WinogradTransform[] transforms;
    private final int[] vPlaces;
    private final int[] uPlaces;

    private GroupedConvolution(ConvJob job) {
        super(job);
        int stride = spec.stride();
        taps = Math.ceilDiv(kernelSize, stride);
        parts = Math.ceilDiv(taps, PART);
        signals = transposed ? cout : cin * stride;
        lanes = transposed ? cin * stride : cout;
        width = LaneTile.width(lanes);
        phases = transposed ? 1 : stride;
        channelsAtOnce = Math.clamp(WEIGHTS / (POINTS * lanes * parts * phases), 1, signals / phases);
        step = transposed ? stride : 1;
        firstColumn = transposed ? spec.padding() / stride : 0;
        firstSample = transposed ? firstColumn * stride - spec.padding() : 0;

        tiles = Math.ceilDiv(Math.ceilDiv(out.dim(2) - firstSample, step), TILE);
        joined = Integer.highestOneBit(Math.min(in.dim(0), JOINED));
        int all = Math.multiplyExact(tiles, joined);
        pieces = Math.ceilDiv(all, Math.clamp(SUMS / (POINTS * lanes), LaneTile.ROWS, MAX_TILES));
        piece = Math.ceilDiv(Math.ceilDiv(all, pieces), LaneTile.ROWS) * LaneTile.ROWS;
        transformed = Math.ceilDiv(piece, 16) * 16;
        int further = ((parts - 1) * PART + GroupedTransform.SPAN - 1) / TILE;
        phaseRow = Math.ceilDiv(transformed + further * joined, 16) * 16; // a multiple of joined
        int rows = channelsAtOnce * phases * parts;
        // A cache line more than needed, lest all points compete for the same few sets of a cache.
        vPoint = rows * transformed + 16;
        uPoint = rows * lanes + 16;
        mPoint = piece * lanes + 16;
        transforms = new WinogradTransform[parts];
        for (int part = 0; part < parts; part++) {
            int[] offsets = new int[GroupedTransform.SPAN];
            int first = part * PART;
            Arrays.setAll(offsets, s -> (first + s) % TILE * phaseRow + (first + s) / TILE * joined);
            transforms[part] = GroupedTransform.input(offsets);
        }
        vPlaces = new int[rows];
        uPlaces = new int[rows];
        Arrays.setAll(vPlaces, row -> row * transformed);
        Arrays.setAll(uPlaces, row -> row * lanes);
    }

    /**
     * Whether the layer is one of those that gain (docs/performance.md), and its channels fill vectors: those of one part,
     * or of so many channels that {@link FourierConvolution} would spend its time on transforming weights.
     */
    static boolean suits(ConvSpec spec, Shape weight) {
        int stride = spec.stride();
        int in = weight.dim(1);
        int out = weight.dim(0) / spec.groups();
        int taps = Math.ceilDiv(weight.dim(2), stride);
        return spec.groups() > 1 && spec.dilation() == 1 && Integer.bitCount(stride) == 1 && fills(out)
                && fills(in * stride) && (taps > 2 * GroupedTransform.INNER_TAPS && taps <= PART
                        || taps > PART && Math.min(in, out) >= MANY_CHANNELS);
    }

    private static boolean fills(int lanes) {
        return lanes >= 16 && lanes % LaneTile.width(lanes) == 0;
    }

    /** Of stride 1. Any of the outputs of a tile may be made from all samples that the tile reads. */
    private static Backend.Reach reach(ConvSpec spec, int kernelSize) {
        int last = (Math.ceilDiv(kernelSize, PART) - 1) * PART + GroupedTransform.SPAN - 1;
        return new Backend.Reach(spec.padding() + TILE - 1, last - spec.padding(), TILE);
    }

    private void run() {
        int all = Math.multiplyExact(Math.ceilDiv(in.dim(0), joined), pieces);
        int ranges = Math.clamp(MIN_TASKS / spec.groups(), 1, all);
        int range = Math.ceilDiv(all, ranges);
        pool.run(spec.groups() * ranges, (index, worker) -> {
            int first = index % ranges * range;
            runTask(worker, index / ranges, first, Math.min(first + range, all));
        });
    }

    private void runTask(int worker, int group, int first, int end) {
        float[] v = scratch.array(worker, Slot.POINTS, POINTS * vPoint);
        float[] u = scratch.array(worker, Slot.WEIGHTS, POINTS * uPoint);
        float[] m = scratch.array(worker, Slot.SUMS, POINTS * mPoint);
        for (int i = first; i < end; i++) {
            int segment = i / pieces * joined;
            int tile = i % pieces * piece / joined;
            clear(group, m);
            int channels = signals / phases;
            for (int channel = 0; channel < channels; channel += channelsAtOnce) {
                int count = Math.min(channelsAtOnce, channels - channel);
                if (i == first || channelsAtOnce < channels) {
                    transformWeights(worker, group, channel, count, u);
                }
                for (int n = 0; n < count; n++) {
                    transformInput(worker, group * channels + channel + n, segment, tile, v, n);
                }
                multiply(v, u, count * phases * parts, m);
            }
            float[] y = outputs(worker, m);
            for (int s = 0; s < joined && segment + s < out.dim(0); s++) {
                store(segment + s, group, tile, y, Scratch.ORIGIN + s * (piece / joined) * TILE * lanes);
            }
        }
    }

    /** Sums begin with 0, but where a point counts once in each output, with the bias. */
    private void clear(int group, float[] m) {
        Arrays.fill(m, Scratch.ORIGIN, Scratch.ORIGIN + POINTS * mPoint, 0);
        for (int lane = 0; lane < lanes && bias != null; lane += width) {
            int at = Scratch.ORIGIN + GroupedTransform.ONES * mPoint + lane * piece;
            for (int i = 0; i < width; i++) {
                m[at + i] = transposed ? bias[group * cin + (lane + i) % cin] : bias[group * cout + lane + i];
            }
            for (int tile = 1; tile < piece; tile++) {
                System.arraycopy(m, at, m, at + tile * width, width);
            }
        }
    }

    /** Of some input channels, u[point][signal][part][output channel]. */
    private void transformWeights(int worker, int group, int first, int count, float[] u) {
        int rows = count * phases * parts;
        int together = Math.max(1, TOGETHER / lanes);
        int plane = Math.min(together, rows) * lanes;
        float[] planes = scratch.array(worker, Slot.SAMPLES, PART * plane);
        float[] outer = scratch.array(worker, Slot.WORK, GroupedTransform.OUTER * GroupedTransform.INNER_TAPS * plane);
        float[] block = transposed ? weight : block(worker, group, first, count);
        for (int row = 0; row < rows; row += together) {
            int n = Math.min(together, rows - row);
            for (int i = 0; i < n; i++) {
                int signal = (row + i) / parts;
                int firstTap = (row + i) % parts * PART;
                int at = Scratch.ORIGIN + i * lanes;
                if (transposed) {
                    layOutBackwards(group * cout + first + signal, firstTap, planes, at, plane);
                } else {
                    layOut(block, count, signal, firstTap, planes, at, plane);
                }
            }
            GroupedTransform.filter(planes, Scratch.ORIGIN, plane, outer, u, Scratch.ORIGIN + row * lanes, uPoint,
                    n * lanes);
        }
    }

    /** Weights of some input channels, [output channel][input channel][tap]: copied in the order in which they lie. */
    private float[] block(int worker, int group, int first, int count) {
        int length = count * kernelSize;
        float[] block = scratch.array(worker, Slot.PHASES, lanes * length);
        for (int lane = 0; lane < lanes; lane++) {
            System.arraycopy(weight, ((group * cout + lane) * cin + first) * kernelSize, block, lane * length, length);
        }
        return block;
    }

    /** A part of the taps of one phase of an input channel: to[at + tap·plane + output channel]. */
    private void layOut(float[] block, int channels, int signal, int firstTap, float[] to, int at, int plane) {
        int channel = signal / phases;
        int phase = signal % phases;
        int count = Math.clamp(tapsOf(phase) - firstTap, 0, PART);
        for (int lane = 0; lane < lanes && count > 0; lane += 8) {
            Rows.interleaveRows(block,
                    (lane * channels + channel) * kernelSize + phase + firstTap * spec.stride(), spec.stride(),
                    channels * kernelSize, 8, count, to, at + lane, plane);
        }
        for (int tap = count; tap < PART; tap++) {
            Arrays.fill(to, at + tap * plane, at + tap * plane + lanes, 0);
        }
    }

    /** The same for the taps of one output channel of the convolution, which come back to front. */
    private void layOutBackwards(int outChannel, int firstTap, float[] to, int at, int plane) {
        int last = taps - 1 - firstTap;
        for (int tap = 0; tap < PART; tap++) {
            if (tap == 0 || tap > last) {
                Arrays.fill(to, at + tap * plane, at + tap * plane + lanes, 0);
            }
        }
        for (int phase = 0; phase < step; phase++) {
            int skipped = Math.max(0, last + 1 - tapsOf(phase));
            int count = Math.min(PART, last + 1) - skipped;
            for (int channel = 0; channel < cin && count > 0; channel += 8) {
                Rows.interleaveRows(weight,
                        (outChannel * cin + channel) * kernelSize + phase + (last - skipped) * step, -step, kernelSize,
                        Math.min(8, cin - channel), count, to, at + phase * cin + channel + skipped * plane, plane);
            }
        }
    }

    private int tapsOf(int phase) {
        return Math.ceilDiv(kernelSize - phase, spec.stride());
    }

    /** All signals of an input channel, v[point][signal][part][tile], for a piece of the joined segments. */
    private void transformInput(int worker, int channel, int segment, int tile, float[] v, int place) {
        int first = transposed ? firstColumn - taps + 1 : -spec.padding();
        int count = phaseRow / joined * TILE;
        float[] line = scratch.array(worker, Slot.SAMPLES, Math.max(phases, joined) * count);
        float[] spare = scratch.array(worker, Slot.WORK, phases * count);
        float[] split = scratch.array(worker, Slot.PHASES, phases * joined * count);
        float[] other = scratch.array(worker, Slot.LINE, joined * count);
        for (int s = 0; s < joined; s++) {
            gather(segment + s, channel, first + tile * TILE * phases, phases * count, line);
            float[] separated = Rows.separate(line, spare, 0, phases, count);
            for (int phase = 0; phase < phases; phase++) {
                Phases.split(separated, phase * count, count / TILE, split,
                        Scratch.ORIGIN + (phase * joined + s) * count, count / TILE);
            }
        }
        for (int phase = 0; phase < phases; phase++) {
            int at = Scratch.ORIGIN + phase * joined * count;
            float[] turned = split;
            if (joined > 1) {
                System.arraycopy(split, at, other, Scratch.ORIGIN, joined * count);
                at = Scratch.ORIGIN;
                turned = Rows.interleave(other, line, at, joined, count);
            }
            for (int part = 0; part < parts; part++) {
                transforms[part].input(turned, at, v,
                        Scratch.ORIGIN + ((place * phases + phase) * parts + part) * transformed, vPoint, transformed);
            }
        }
    }

    /** {@code count} samples of a channel from {@code first} on, zero where there are none. */
    private void gather(int segment, int channel, int first, int count, float[] line) {
        int from = Math.clamp(-first, 0, count);
        int end = segment < in.dim(0) ? Math.clamp(in.dim(2) - first, from, count) : from;
        Arrays.fill(line, 0, from, 0);
        Arrays.fill(line, end, count, 0);
        if (end > from) {
            Rows.leakyCopy(x, (segment * in.dim(1) + channel) * in.dim(2) + first + from, 1, line, from, end - from,
                    slope);
        }
    }

    /** Adds to m[point][channels of a tile of the micro-kernel][tile][channel]. */
    private void multiply(float[] v, float[] u, int rows, float[] m) {
        for (int p = 0; p < POINTS; p++) {
            for (int lane = 0; lane < lanes; lane += width) {
                for (int n = 0; n < piece; n += LaneTile.ROWS) {
                    LaneTile.add(v, Scratch.ORIGIN + p * vPoint + n, vPlaces, u,
                            Scratch.ORIGIN + p * uPoint + lane, uPlaces, 0, rows, width, 1, m,
                            Scratch.ORIGIN + p * mPoint + lane * piece + n * width);
                }
            }
        }
    }

    /** The outputs of a piece, [segment][column][phase and channel]. */
    private float[] outputs(int worker, float[] m) {
        int perSegment = piece / joined;
        float[] y = scratch.array(worker, Slot.SAMPLES, piece * TILE * lanes);
        for (int n = 0; n < piece; n++) {
            int column = (n % joined * perSegment + n / joined) * TILE;
            for (int lane = 0; lane < lanes; lane += width) {
                GroupedTransform.outputs(m, Scratch.ORIGIN + lane * piece + n * width, mPoint, y,
                        Scratch.ORIGIN + column * lanes + lane, lanes, width);
            }
        }
        return y;
    }

    /** Moves the outputs of one segment from column {@code tile · 8} on to where they belong. */
    private void store(int segment, int group, int tile, float[] y, int at) {
        int channels = lanes / step;
        int first = firstSample + tile * TILE * step;
        int from = Math.max(first, 0);
        int count = Math.min(first + piece / joined * TILE * step, out.dim(2)) - from;
        int to = (segment * out.dim(1) + group * channels) * out.dim(2) + from;
        if (count <= 0) {
            return;
        }
        Rows.turn(y, at + (from - first) * channels, channels, count, channels, output, to, out.dim(2));
        for (int channel = 0; channel < channels && !epilogue.isEmpty(); channel++) {
            epilogue.apply(output, to + channel * out.dim(2), count);
        }
    }
}

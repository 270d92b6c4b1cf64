// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.TurnedInput;
import aulos.kernels.cpu.loop.GroupedTransform;
import aulos.kernels.cpu.loop.LaneTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.loop.SevenPoints;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient in the weight of a convolution with long filters in groups: the form of {@link GroupedConvolution}
 * transposed, 28 multiplications for 12 taps from a tile of 8 columns. Points of the input and of the gradient are
 * multiplied and summed over all tiles, and only the sums become taps. A phase of the stride is a signal; more than 12
 * taps are parts, of which every second one meets the samples of the tile {@value #SHIFT} further on.
 *
 * <p>For each point it is a product of matrices, [signal and part] × [tile] with [tile] × [output channel]. A task has a
 * group, or some output channels of it. It turns the samples of some tiles, then goes from one outer point to the next,
 * for seven points at a time to stay in cache. Vectors run along channels.
 */
public final class GroupedCorrelation extends TurnedCorrelation {
    private static final int TAPS = GroupedTransform.TAPS;
    private static final int TILE = GroupedTransform.TILE;
    private static final int OUTER = GroupedTransform.OUTER;
    private static final int INNER = SevenPoints.POINTS;
    private static final int INNER_TAPS = GroupedTransform.INNER_TAPS;
    private static final int ORIGIN = Scratch.ORIGIN;
    /** Tiles from a part to the next but one. */
    private static final int SHIFT = 2 * TAPS / TILE;
    /** Tiles that are transformed and summed in one go. */
    private static final int SUMMED = 64;
    /** Input channels whose taps are put in order at a time. */
    private static final int STORED = 8;
    /** Fewer tasks than this, and output channels are divided while there are more than {@link #NARROW}. */
    private static final int MIN_TASKS = 8;
    private static final int NARROW = 32;
    /** On fewer columns, turning the sums back costs more than is saved. */
    private static final int MIN_COLUMNS = 32;

    public static final GradientJob.Algorithm ALGORITHM = new GradientJob.Algorithm(
            job -> suits(job.spec(), job.weightShape(), job.gradientShape()), job -> new GroupedCorrelation(job).run());

    private final TurnedInput input;
    private final TurnedInput gradient;

    private final int stride;
    /** Output channels of a task, those of one product, and tasks of a group. */
    private final int lanes;
    private final int width;
    private final int ranges;
    private final int parts;
    /** Parts whose samples begin less than {@link #SHIFT} tiles apart: an even one and, if there is any, an odd one. */
    private final int heads;
    /** Input channels of a group times phases; these times parts. */
    private final int signals;
    private final int rows;
    /** Tiles of a segment of the gradient, those of all, and how many more of the input the last part meets. */
    private final int tiles;
    private final int all;
    private final int further;
    /** Columns of the input behind the tiles of the gradient. */
    private final int overlap;
    private final int summed;
    /** Turned columns of the input that this takes, and transformed tiles for each head. */
    private final int turned;
    private final int transformed;
    private final int vRow;
    private final int vPoint;
    private final int uRow;
    private final int uPoint;
    private final int mPoint;
    /** From the sums of an outer point to those of the next: none if each is done with before the next begins. */
    private final int mOuter;
    private final WinogradTransform transform;

    private GroupedCorrelation(GradientJob job) {
        super(job);
        Shape g = gradientShape();
        stride = spec.stride();
        int cout = allOut / spec.groups();
        int divided = 1;
        while (spec.groups() * divided < MIN_TASKS && cout / divided % (2 * NARROW) == 0) {
            divided *= 2;
        }
        ranges = divided;
        lanes = cout / ranges;
        width = LaneTile.width(lanes);
        parts = Math.ceilDiv(Math.ceilDiv(kernelSize, stride), TAPS);
        heads = Math.min(parts, 2);
        signals = cin * stride;
        rows = parts * signals;
        tiles = Math.ceilDiv(g.dim(2), TILE);
        all = Math.multiplyExact(g.dim(0), tiles);
        further = (parts - 1) / 2 * SHIFT;
        overlap = (further - 1) * TILE + (heads - 1) * TAPS + GroupedTransform.SPAN;
        input = turnedInput(Math.multiplyExact(tiles * TILE + overlap, stride));
        gradient = turnedGradient(spec.groups() * ranges, tiles * TILE);
        summed = Math.min(SUMMED, all);
        int segments = Math.ceilDiv(summed, tiles) + 1;
        turned = summed * TILE + segments * overlap;
        transformed = summed + segments * further;
        vRow = Scratch.oddLines(signals);
        vPoint = heads * transformed * vRow;
        uRow = Scratch.oddLines(lanes);
        uPoint = summed * uRow;
        // A cache line more than needed, lest all points compete for the same few sets of a cache.
        mPoint = rows * lanes + 16;
        mOuter = summed < all ? INNER * mPoint : 0;
        int[] offsets = new int[GroupedTransform.SPAN];
        Arrays.setAll(offsets, s -> s * signals);
        transform = GroupedTransform.input(offsets);
    }

    /** Whether the layer is one of those that gain (docs/performance.md), which are those that gain in other directions. */
    public static boolean suits(ConvSpec spec, Shape weight, Shape g) {
        return GroupedConvolution.suits(spec, weight) && g.dim(0) * g.dim(2) >= MIN_COLUMNS;
    }

    private void run() {
        pool.run(gradient.groups(), (index, worker) -> runTask(worker, index));
    }

    private void runTask(int worker, int index) {
        float[] m = scratch.array(worker, Slot.SUMS, (OUTER - 1) * mOuter + INNER * mPoint);
        float[] t = scratch.array(worker, Slot.WORK, OUTER * INNER_TAPS * mPoint);
        for (int first = 0; first < all; first += summed) {
            int end = Math.min(first + summed, all);
            float[] inputs = scratch.array(worker, Slot.SAMPLES, turned * signals);
            float[] gradients = scratch.array(worker, Slot.PHASES, summed * TILE * lanes);
            turn(worker, index, first, end, inputs, gradients);
            for (int o = 0; o < OUTER; o++) {
                int at = ORIGIN + o * mOuter;
                if (first == 0) {
                    Arrays.fill(m, at, at + INNER * mPoint, 0);
                }
                float[] v = transformInput(worker, o, first, end, inputs);
                float[] u = transformGradient(worker, o, end - first, gradients);
                multiply(v, u, first, end, m, at);
                if (end == all) {
                    SevenPoints.fourOutputs(m, at, mPoint, t, ORIGIN + o * INNER_TAPS * mPoint, mPoint,
                            rows * lanes);
                }
            }
        }
        store(worker, index * lanes, t);
    }

    /** The samples under some tiles, [column][signal], and their columns of the gradient, [column][output channel]. */
    private void turn(int worker, int index, int first, int end, float[] inputs, float[] gradients) {
        float[] lines = scratch.array(worker, Slot.LINE, TurnedInput.LINES);
        int next;
        for (int n = first; n < end; n = next) {
            next = Math.min((n / tiles + 1) * tiles, end);
            int from = n % tiles * TILE;
            int until = from + (next - n) * TILE;
            input.fill(index / ranges, n / tiles, from * stride, (until + overlap) * stride, lines, inputs,
                    ORIGIN + column(n, first) * signals);
            gradient.fill(index, n / tiles, from, until, lines, gradients, ORIGIN + (n - first) * TILE * lanes);
        }
    }

    /** Which of the turned columns of the input is the first under tile {@code n}. */
    private int column(int n, int first) {
        return (n - first) * TILE + (n / tiles - first / tiles) * overlap;
    }

    /** Which of the transformed tiles of the input is the one under tile {@code n} of the gradient. */
    private int place(int n, int first) {
        return n - first + (n / tiles - first / tiles) * further;
    }

    /** v[point][head][tile][signal] of an outer point, with the tiles that later parts meet. */
    private float[] transformInput(int worker, int o, int first, int end, float[] inputs) {
        float[] v = scratch.array(worker, Slot.POINTS, INNER * vPoint);
        for (int n = first; n < end; n++) {
            int last = n == end - 1 || n % tiles == tiles - 1 ? further : 0;
            for (int i = 0; i <= last; i++) {
                for (int head = 0; head < heads; head++) {
                    transform.input(o, inputs, ORIGIN + (column(n, first) + i * TILE + head * TAPS) * signals, v,
                            ORIGIN + (head * transformed + place(n, first) + i) * vRow, vPoint, signals);
                }
            }
        }
        return v;
    }

    /** u[point][tile][output channel] of an outer point. */
    private float[] transformGradient(int worker, int o, int count, float[] gradients) {
        float[] u = scratch.array(worker, Slot.WEIGHTS, INNER * uPoint);
        float[] pieces = scratch.array(worker, Slot.LINE, INNER_TAPS * lanes);
        for (int n = 0; n < count; n++) {
            GroupedTransform.columns(o, gradients, ORIGIN + n * TILE * lanes, pieces, u, ORIGIN + n * uRow, uPoint,
                    lanes);
        }
        return u;
    }

    /** Adds to m[point][output channels of a product][part and signal][output channel]. */
    private void multiply(float[] v, float[] u, int first, int end, float[] m, int at) {
        int[] vPlaces = new int[end - first];
        int[] uPlaces = new int[end - first];
        Arrays.setAll(vPlaces, i -> place(first + i, first) * vRow);
        Arrays.setAll(uPlaces, i -> i * uRow);
        for (int p = 0; p < INNER; p++) {
            for (int lane = 0; lane < lanes; lane += width) {
                for (int row = 0; row < rows; row += LaneTile.ROWS) {
                    int part = row / signals;
                    int tile = part % 2 * transformed + part / 2 * SHIFT;
                    LaneTile.add(v, ORIGIN + p * vPoint + tile * vRow + row % signals, vPlaces, u,
                            ORIGIN + p * uPoint + lane, uPlaces, 0, end - first, width, 1, m,
                            at + p * mPoint + lane * rows + row * width);
                }
            }
        }
    }

    /** Combines what outer points have become, and moves taps to where they belong. */
    private void store(int worker, int firstChannel, float[] t) {
        int pitch = STORED * width + 16;
        float[] y = scratch.array(worker, Slot.SAMPLES, parts * TAPS * stride * pitch);
        float[] block = scratch.array(worker, Slot.PHASES, STORED * kernelSize * width);
        for (int lane = 0; lane < lanes; lane += width) {
            for (int channel = 0; channel < cin; channel += STORED) {
                int count = Math.min(STORED, cin - channel);
                combine(t, lane * rows + channel * width, y, pitch, count * width);
                int length = count * kernelSize;
                for (int c = 0; c < count; c++) {
                    Rows.turn(y, ORIGIN + c * width, pitch, kernelSize, width, block, c * kernelSize, length);
                }
                for (int i = 0; i < width; i++) {
                    System.arraycopy(block, i * length, output,
                            ((firstChannel + lane + i) * cin + channel) * kernelSize, length);
                }
            }
        }
    }

    /** To [tap][channel and output channel], from numbers {@code from} to {@code from + count} − 1 of a phase and part. */
    private void combine(float[] t, int from, float[] y, int pitch, int count) {
        for (int phase = 0; phase < stride; phase++) {
            for (int part = 0; part < parts; part++) {
                for (int tap = 0; tap < INNER_TAPS; tap++) {
                    GroupedTransform.outerTaps(t,
                            ORIGIN + tap * mPoint + (part * signals + phase * cin) * width + from, INNER_TAPS * mPoint, y,
                            ORIGIN + ((part * TAPS + tap) * stride + phase) * pitch, INNER_TAPS * stride * pitch, count);
                }
            }
        }
    }
}

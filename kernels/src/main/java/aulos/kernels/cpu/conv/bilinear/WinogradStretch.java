// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.kernels.cpu.conv.job.Streamed.Sink;
import aulos.kernels.cpu.conv.job.Streamed.Source;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Phases;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.loop.WinogradForm;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Convolution of stride 1 by {@link WinogradForm}, a third to a half of the multiplications of a plain sum, of one
 * stretch of the time axis after the other.
 *
 * <p>The 8 outputs of a tile lie a dilation apart. For an odd dilation, the tiles that begin at all multiples of 8 hold
 * every output once: t belongs to the one tile for whose output j, t − j·dilation is a multiple of 8. So the input is
 * split into 8 phases, whatever the dilation, and the samples and outputs of neighbouring tiles are neighbours in a
 * phase: vectors run along tiles. A dilation with a factor 2ⁿ is an odd one on each of 2ⁿ interleaved signals.
 *
 * <p>Channel after channel the input is gathered, split and transformed; what comes out fits the second-level cache.
 * Then, for a few output channels at a time, it is multiplied by the transformed weights, one matrix product per point,
 * and the products are transformed and joined while they are in the first-level cache. What an output is made from
 * depends on its place modulo 8·2ⁿ alone, and not on stretches or threads.
 */
final class WinogradStretch {
    private static final int TILE = WinogradForm.TILE;
    private static final int WIDTH = WinogradTransform.WIDTH;
    private static final int MAX_SIGNALS = 8;
    private static final int ORIGIN = Scratch.ORIGIN;

    private final Scratch scratch;
    private final TapGeometry geometry;
    private final Source source;
    private final Sink sink;
    private final WinogradWeights weights;

    private final WinogradForm form;
    private final MicroTile tile;
    private final WinogradTransform transform;
    /** The power of two in the dilation: signals that lie interleaved. */
    final int signals;
    /** How many of them are transformed before they are multiplied. */
    private final int joint;
    private final int maxTiles;
    /** Tiles before a stretch that have outputs in it. */
    final int before;
    /** Tiles whose samples a stretch reads behind its own. */
    private final int after;
    private final int xRow;
    private final int vRow;
    private final int vPoint;
    private final int[] reads;
    private final int[] outputs;
    private final float[] zeros;

    /**
     * @param maxTiles of one signal in a stretch, those before included: whole {@link WinogradTransform#WIDTH}s
     * @param together whether all signals of a source are gathered at once, which takes a source without segments;
     *     else one after the other
     */
    WinogradStretch(Scratch scratch, WinogradWeights weights, int maxTiles, boolean together, Source source, Sink sink) {
        this.scratch = scratch;
        this.geometry = weights.geometry;
        this.source = source;
        this.sink = sink;
        this.form = weights.form;
        this.weights = weights;
        this.maxTiles = maxTiles;
        int dilation = weights.dilation;
        tile = weights.tile;
        signals = Integer.lowestOneBit(dilation);
        int odd = dilation / signals;
        before = before(dilation);
        after = odd * (form.span() - 1) / TILE;
        xRow = Scratch.oddLines(gathered(maxTiles));
        joint = together ? signals : 1;
        vRow = joint * maxTiles == WIDTH ? WIDTH : joint * maxTiles + 16;
        vPoint = geometry.inRows * vRow + 16;
        transform = new WinogradTransform(form, offsets(form.span(), odd, xRow));
        outputs = offsets(TILE, odd, tile.rows() * WinogradTransform.Y_ROW);
        Arrays.setAll(outputs, j -> outputs[j] + ORIGIN);
        reads = new int[geometry.inRows];
        Arrays.setAll(reads, c -> c * vRow);
        zeros = new float[tile.rows()];
    }

    /** Whether tiles can be laid out as described above, on a grid of at most 64 samples. */
    static boolean handles(int dilation) {
        return Integer.lowestOneBit(dilation) <= MAX_SIGNALS && before(dilation) <= WinogradTransform.MAX_SHIFT;
    }

    /** Tiles before a stretch that have outputs in it. */
    static int before(int dilation) {
        return dilation / Integer.lowestOneBit(dilation) * (TILE - 1) / TILE;
    }

    /** Any of the 8 outputs of a tile may be made from all samples of the tile. */
    static Backend.Reach reach(ConvSpec spec, int kernelSize) {
        int span = new WinogradForm(kernelSize).span();
        return new Backend.Reach(spec.padding() + spec.dilation() * (TILE - 1),
                spec.dilation() * (span - 1) - spec.padding(), TILE * Integer.lowestOneBit(spec.dilation()));
    }

    /** Where sample or output j of a tile lies: in which phase, and how far on. */
    private static int[] offsets(int count, int step, int row) {
        int[] offsets = new int[count];
        Arrays.setAll(offsets, j -> j * step % TILE * row + j * step / TILE);
        return offsets;
    }

    /** Samples of each phase that tiles are made from. */
    private int gathered(int tiles) {
        return Simd.whole(tiles + after);
    }

    /** What has been computed of the outputs right behind a stretch, for the next one to go on from. */
    float[] carry() {
        return new float[signals * Math.ceilDiv(geometry.outRows, tile.rows()) * tile.rows() * TILE * before];
    }

    /**
     * Tiles to compute, of each signal.
     *
     * @param first tile
     * @param tiles whole {@link WinogradTransform#WIDTH}s
     * @param from first output channel, a multiple of {@link #tile}'s rows, as is {@code to} unless it is the end
     * @param carry left by the stretch that ended where this one begins; null for none, then the outputs in the first
     *     {@link #before} tiles are not all there, and dropped
     * @param next where to leave it; null for nowhere; may be {@code carry}
     */
    record Span(long first, int tiles, int from, int to, float[] carry, float[] next) {}

    void run(int worker, Span span) {
        int skipped = span.carry == null ? before : 0;
        int samples = (span.tiles - skipped) * TILE;
        float[] lines = signals == 1 ? null
                : scratch.array(worker, Slot.OUTPUT, geometry.outRows * signals * samples);
        for (int signal = 0; signal < signals; signal += joint) {
            float[] v = transformed(worker, span.first, span.tiles, signal);
            for (int row = span.from; row < span.to; row += tile.rows()) {
                for (int i = 0; i < joint; i++) {
                    runRows(worker, span, v, i * maxTiles, row, lines, signal + i);
                }
            }
        }
        for (int row = span.from; row < span.to && signals > 1; row++) {
            float[] line = scratch.array(worker, Slot.LINE, signals * samples);
            System.arraycopy(lines, ORIGIN + row * signals * samples, line, ORIGIN, signals * samples);
            line = Rows.interleave(line, scratch.array(worker, Slot.SPARE, signals * samples), ORIGIN, signals, samples);
            sink.put(row, (span.first + skipped) * TILE * signals, line, ORIGIN, signals * samples);
        }
    }

    /** The input of tiles, [point][channel][signal][tile], of {@link #joint} signals from {@code signal} on. */
    private float[] transformed(int worker, long first, int tiles, int signal) {
        int gathered = gathered(tiles);
        int size = Math.max(TILE * xRow, joint * gathered * TILE);
        float[] line = scratch.array(worker, Slot.LINE, size);
        float[] x = scratch.array(worker, Slot.SPARE, size);
        float[] v = scratch.array(worker, Slot.POINTS, form.points() * vPoint);
        int shift = signal + geometry.minShift;
        // What is behind the last samples that tiles are made from goes into outputs that nobody reads.
        int samples = (tiles + after) * TILE;
        for (int c = 0; c < geometry.inRows; c++) {
            float[] separate = line;
            if (joint == signals) {
                source.gather(c, 0, 1, first * TILE * signals + shift, samples * signals, line,
                        ORIGIN);
                separate = Rows.separate(line, x, ORIGIN, signals, gathered * TILE);
            } else {
                source.gather(c, Math.floorMod(shift, signals), signals, first * TILE + Math.floorDiv(shift, signals),
                        samples, line, ORIGIN);
            }
            float[] phases = separate == line ? x : line;
            for (int i = 0; i < joint; i++) {
                Phases.split(separate, ORIGIN + i * gathered * TILE, gathered, phases, ORIGIN, xRow);
                transform.input(phases, ORIGIN, v, ORIGIN + c * vRow + i * maxTiles, vPoint, tiles);
            }
        }
        return v;
    }

    /** @param vAt where the signal begins in {@code v} */
    private void runRows(int worker, Span span, float[] v, int vAt, int row, float[] lines, int signal) {
        int carryAt = (signal * Math.ceilDiv(geometry.outRows, tile.rows()) * tile.rows() + row) * TILE * before;
        float[] m = scratch.array(worker, Slot.SUMS, form.points() * tile.rows() * WIDTH);
        float[] y = scratch.array(worker, Slot.WORK, TILE * tile.rows() * WinogradTransform.Y_ROW);
        float[] line = scratch.array(worker, Slot.LINE, WIDTH * TILE);
        if (span.carry != null && before > 0) {
            carry(span.carry, carryAt, before, y, ORIGIN, WinogradTransform.Y_ROW);
        }
        for (int i = 0; i < span.tiles; i += WIDTH) {
            multiply(v, vAt + i, row / tile.rows() * weights.blockSize, m);
            transform.output(m, ORIGIN, tile.rows(), weights.bias, row, y, outputs);
            join(span, y, row, i, line, lines, signal);
            if (before > 0) {
                WinogradTransform.carry(y, ORIGIN, TILE * tile.rows());
            }
        }
        if (span.next != null && before > 0) {
            carry(y, ORIGIN, WinogradTransform.Y_ROW, span.next, carryAt, before);
        }
    }

    // Loops in methods of their own: in one method, each loop has the JVM compile the whole of it once more.

    /** A matrix product per point. */
    private void multiply(float[] v, int at, int block, float[] m) {
        for (int p = 0; p < form.points(); p++) {
            tile.run(v, ORIGIN + p * vPoint + at, reads, reads.length, weights.values, block + p * weights.pointSize, zeros, 0, m,
                    ORIGIN + p * tile.rows() * WIDTH, WIDTH);
        }
    }

    /** Brings the outputs of tiles {@code i} to {@code i} + WIDTH − 1 into order and to where they belong. */
    private void join(Span span, float[] y, int row, int i, float[] line, float[] lines, int signal) {
        int dropped = span.carry == null ? before : 0;
        int rows = Math.min(tile.rows(), geometry.outRows - row);
        int samples = (span.tiles - dropped) * TILE;
        int skipped = i == 0 ? dropped : 0;
        int count = WIDTH - skipped;
        for (int r = 0; r < rows; r++) {
            int at = ORIGIN + r * WinogradTransform.Y_ROW + skipped;
            int stride = tile.rows() * WinogradTransform.Y_ROW;
            if (signals == 1) {
                Phases.join(y, at, stride, count, line, ORIGIN);
                sink.put(row + r, (span.first + i + skipped) * TILE, line, ORIGIN, count * TILE);
            } else {
                Phases.join(y, at, stride, count, lines,
                        ORIGIN + ((row + r) * signals + signal) * samples + (i + skipped - dropped) * TILE);
            }
        }
    }

    /** Moves the outputs of tiles that come after those of a step to where the next step goes on from them. */
    private void carry(float[] from, int at, int step, float[] to, int toAt, int toStep) {
        for (int r = 0; r < TILE * tile.rows(); r++) {
            System.arraycopy(from, at + r * step, to, toAt + r * toStep, before);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import java.util.Arrays;

/**
 * Convolution of stride 1 by {@link WinogradForm}: a third to a half of the multiplications of a plain sum.
 *
 * <p>The 8 outputs of a tile lie a dilation apart. For an odd dilation, the tiles that begin at all multiples of 8 hold
 * every output once: t belongs to the one tile for whose output j, t − j·dilation is a multiple of 8. So the input is
 * split into 8 phases, whatever the dilation, and the samples and outputs of neighbouring tiles are neighbours in a
 * phase: vectors run along tiles. A dilation with a factor 2ⁿ is an odd one on each of 2ⁿ interleaved signals.
 *
 * <p>A task is a stretch of the time axis. Channel after channel it gathers, splits and transforms the input; what
 * comes out fits the second-level cache. Then, for a few output channels at a time, it multiplies by the transformed
 * weights, one matrix product per point, and transforms and joins the products while they are in the first-level cache.
 * What an output is made from depends on its place modulo 8·2ⁿ alone, and not on stretches or threads.
 */
final class WinogradConvolution {
    private static final int TILE = WinogradForm.TILE;
    private static final int WIDTH = WinogradTransform.WIDTH;
    private static final int MAX_SIGNALS = 8;
    /** Transformed input of a task, in floats: half of a 1 MB L2 cache. */
    private static final int TRANSFORMED = 128 * 1024;
    /** What gathering for a stretch costs beyond its length, in tiles. */
    private static final int OVERHEAD = 8;

    private final WorkerPool pool;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final SegmentedInput input;
    private final WinogradWeights weights;
    private final float[] packed;
    private final float[] bias;
    private final Epilogue epilogue;
    private final float[] output;

    private final WinogradForm form;
    private final MicroTile tile;
    private final WinogradTransform transform;
    /** The power of two in the dilation: signals that lie interleaved. */
    private final int signals;
    /** From one segment of the batch to the next on the time axis of one signal: a multiple of 8. */
    private final int period;
    /** Tiles before a stretch that have outputs in it. */
    private final int before;
    /** Tiles of one signal that a task computes, those before included. */
    private final int tiles;
    /** Samples of each phase that they are made from. */
    private final int gathered;
    private final int xRow;
    private final int vRow;
    private final int vPoint;
    private final int[] reads;
    private final int[] outputs;
    private final float[] zeros;

    /** @param bias one value, maybe zero, for every channel of every {@link #tile} */
    WinogradConvolution(WorkerPool pool, Scratch scratch, TapGeometry geometry, WinogradForm form,
            int dilation, Operand x, double inputSlope, WinogradWeights weights, float[] packed, float[] bias,
            Epilogue epilogue, float[] output) {
        this.pool = pool;
        this.scratch = scratch;
        this.geometry = geometry;
        this.packed = packed;
        this.bias = bias;
        this.epilogue = epilogue;
        this.output = output;
        this.form = form;
        this.weights = weights;
        tile = tile(geometry.outRows);
        signals = Integer.lowestOneBit(dilation);
        int odd = dilation / signals;
        before = odd * (TILE - 1) / TILE;
        period = period(geometry, dilation, signals, form.span());
        input = new SegmentedInput(CpuBackend.values(x), x.shape(), period, inputSlope);

        tiles = tilesPerTask();
        int after = odd * (form.span() - 1) / TILE;
        gathered = Math.ceilDiv(tiles + after, Simd.WIDTH) * Simd.WIDTH;
        xRow = (Math.ceilDiv(gathered, 16) | 1) * 16;
        vRow = tiles == WIDTH ? WIDTH : tiles + 16;
        vPoint = geometry.inRows * vRow + 16;
        transform = new WinogradTransform(form, offsets(form.span(), odd, xRow));
        outputs = offsets(TILE, odd, tile.rows() * WinogradTransform.Y_ROW);
        reads = new int[geometry.inRows];
        Arrays.setAll(reads, c -> c * vRow);
        zeros = new float[tile.rows()];
    }

    static MicroTile tile(int outRows) {
        return Simd.ENABLED ? MicroTile.forRows(outRows) : new MicroTile(1, WIDTH);
    }

    /** Whether tiles can be laid out as described above, on a grid of at most 64 samples. */
    static boolean handles(int dilation) {
        int signals = Integer.lowestOneBit(dilation);
        return signals <= MAX_SIGNALS && dilation / signals * (TILE - 1) / TILE <= WinogradTransform.MAX_SHIFT;
    }

    /** Any of the 8 outputs of a tile may be made from all samples of the tile. */
    static Backend.Reach reach(ConvSpec spec, int kernelSize) {
        int span = new WinogradForm(kernelSize).span();
        return new Backend.Reach(spec.padding() + spec.dilation() * (TILE - 1),
                spec.dilation() * (span - 1) - spec.padding(), TILE * Integer.lowestOneBit(spec.dilation()));
    }

    /** So far apart that no tile with outputs in one segment reads another; the bits of one do not depend on others. */
    private static int period(TapGeometry geometry, int dilation, int signals, int span) {
        long reads = geometry.inLength - geometry.minShift + (long) dilation * (TILE - 1);
        long writes = geometry.columns + geometry.minShift + (long) dilation * (span - 1);
        return Math.toIntExact(Math.ceilDiv(Math.max(reads, writes), TILE * signals) * TILE);
    }

    /** Where sample or output j of a tile lies: in which phase, and how far on. */
    private static int[] offsets(int count, int step, int row) {
        int[] offsets = new int[count];
        Arrays.setAll(offsets, j -> j * step % TILE * row + j * step / TILE);
        return offsets;
    }

    /** Samples of one signal from the first output to the last, gaps between segments included. */
    private long length() {
        return (geometry.batch - 1L) * period + Math.ceilDiv(geometry.columns, signals);
    }

    private int tilesPerTask() {
        long needed = Math.ceilDiv(length(), TILE);
        int fitting = Math.max(TRANSFORMED / (form.points() * geometry.inRows), WIDTH);
        int best = 0;
        long bestCost = Long.MAX_VALUE;
        for (int count = WIDTH; count <= fitting; count += WIDTH) {
            long tasks = Math.ceilDiv(needed, count - before);
            long cost = Math.ceilDiv(tasks, pool.threads()) * (count + OVERHEAD);
            if (cost < bestCost) {
                best = count;
                bestCost = cost;
            }
        }
        return best;
    }

    void run() {
        int tasks = Math.toIntExact(Math.ceilDiv(length(), (tiles - before) * TILE));
        pool.run(tasks, (index, worker) -> runTask(worker, index * (long) (tiles - before)));
    }

    /** @param first tile whose outputs are all in the stretch */
    private void runTask(int worker, long first) {
        int samples = (tiles - before) * TILE;
        float[] lines = signals == 1 ? null : scratch.array(worker, 0, geometry.outRows * signals * samples);
        for (int signal = 0; signal < signals; signal++) {
            float[] v = transformed(worker, first - before, signal);
            for (int row = 0; row < geometry.outRows; row += tile.rows()) {
                runRows(worker, v, row, first, lines, signal);
            }
        }
        for (int row = 0; row < geometry.outRows && signals > 1; row++) {
            float[] line = scratch.array(worker, 1, signals * samples);
            System.arraycopy(lines, row * signals * samples, line, 0, signals * samples);
            line = Rows.interleave(line, scratch.array(worker, 2, signals * samples), signals, samples);
            store(line, 0, row, first * TILE * signals, signals * samples);
        }
    }

    /** The input of the tiles of a stretch, [point][channel][tile]. */
    private float[] transformed(int worker, long first, int signal) {
        int shift = signal + geometry.minShift;
        int[] phase = {Math.floorMod(shift, signals)};
        long from = first * TILE + Math.floorDiv(shift, signals);
        float[] line = scratch.array(worker, 1, gathered * TILE);
        float[] x = scratch.array(worker, 2, TILE * xRow);
        float[] v = scratch.array(worker, 3, form.points() * vPoint);
        for (int c = 0; c < geometry.inRows; c++) {
            input.gather(c, phase, signals, from, gathered * TILE, line, 0, 0);
            Phases.split(line, 0, gathered, x, 0, xRow);
            transform.input(x, 0, v, c * vRow, vPoint, tiles);
        }
        return v;
    }

    private void runRows(int worker, float[] v, int row, long first, float[] lines, int signal) {
        float[] m = scratch.array(worker, 4, form.points() * tile.rows() * WIDTH);
        float[] y = scratch.array(worker, 5, TILE * tile.rows() * WinogradTransform.Y_ROW);
        float[] line = scratch.array(worker, 1, WIDTH * TILE);
        for (int i = 0; i < tiles; i += WIDTH) {
            multiply(v, i, row / tile.rows() * weights.blockSize, m);
            transform.output(m, tile.rows(), bias, row, y, outputs);
            join(y, row, i, line, first, lines, signal);
            if (before > 0) {
                carry(y);
            }
        }
    }

    // Loops in methods of their own: in one method, each loop has the JVM compile the whole of it once more.

    /** A matrix product per point. */
    private void multiply(float[] v, int at, int block, float[] m) {
        for (int p = 0; p < form.points(); p++) {
            tile.run(v, p * vPoint + at, reads, reads.length, packed, block + p * weights.pointSize, zeros, 0, m,
                    p * tile.rows() * WIDTH, WIDTH);
        }
    }

    /** Brings the outputs of tiles {@code i} to {@code i} + WIDTH − 1 into order and to where they belong. */
    private void join(float[] y, int row, int i, float[] line, long first, float[] lines, int signal) {
        int rows = Math.min(tile.rows(), geometry.outRows - row);
        int samples = (tiles - before) * TILE;
        int skipped = i == 0 ? before * TILE : 0;
        int count = WIDTH * TILE - skipped;
        int done = i * TILE + skipped - before * TILE;
        for (int r = 0; r < rows; r++) {
            Phases.join(y, r * WinogradTransform.Y_ROW, tile.rows() * WinogradTransform.Y_ROW, WIDTH, line, 0);
            if (signals == 1) {
                store(line, skipped, row + r, first * TILE + done, count);
            } else {
                System.arraycopy(line, skipped, lines, ((row + r) * signals + signal) * samples + done, count);
            }
        }
    }

    /** Moves the outputs of tiles that come after those of a step to where the next step adds to them. */
    private void carry(float[] y) {
        for (int r = 0; r < TILE * tile.rows(); r++) {
            int at = r * WinogradTransform.Y_ROW;
            System.arraycopy(y, at + WIDTH, y, at, before);
        }
    }

    /** Moves outputs of a channel to where they belong, without the gaps between segments. */
    private void store(float[] line, int lineAt, int channel, long from, int stretch) {
        long segments = (long) period * signals;
        int n;
        for (int done = 0; done < stretch; done += n) {
            int column = (int) ((from + done) % segments);
            int segment = (int) ((from + done) / segments);
            boolean gap = column >= geometry.columns;
            n = (int) Math.min(stretch - done, (gap ? segments : geometry.columns) - column);
            if (!gap && segment < geometry.batch) {
                int at = (segment * geometry.outRows + channel) * geometry.outLength + column;
                System.arraycopy(line, lineAt + done, output, at, n);
                if (!epilogue.isEmpty()) {
                    epilogue.apply(output, at, n);
                }
            }
        }
    }
}

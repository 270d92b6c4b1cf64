// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;

/** Runs {@link WinogradStretch} over the time axis of a whole batch, a task for each stretch. */
final class WinogradConvolution {
    private static final int TILE = WinogradForm.TILE;
    private static final int WIDTH = WinogradTransform.WIDTH;
    /** Transformed input of a task, in floats: half of a 1 MB L2 cache. */
    private static final int TRANSFORMED = 128 * 1024;
    /** What gathering for a stretch costs beyond its length, in tiles. */
    private static final int OVERHEAD = 8;

    private final WorkerPool pool;
    private final TapGeometry geometry;
    private final Epilogue epilogue;
    private final float[] output;
    private final WinogradStretch stretch;
    private final int signals;
    /** From one segment of the batch to the next on the time axis of one signal: a multiple of 8. */
    private final int period;
    /** Tiles of one signal that a task computes, those before included. */
    private final int tiles;

    /** @param bias one value, maybe zero, for every channel of every {@link WinogradStretch#tile} */
    WinogradConvolution(WorkerPool pool, Scratch scratch, TapGeometry geometry, WinogradForm form,
            int dilation, Operand x, double inputSlope, WinogradWeights weights, float[] packed, float[] bias,
            Epilogue epilogue, float[] output) {
        this.pool = pool;
        this.geometry = geometry;
        this.epilogue = epilogue;
        this.output = output;
        signals = Integer.lowestOneBit(dilation);
        period = period(geometry, dilation, signals, form.span());
        tiles = tilesPerTask(form, WinogradStretch.before(dilation));
        stretch = new WinogradStretch(scratch, geometry, form, dilation, weights, packed, bias, tiles, false,
                new SegmentedInput(CpuBackend.values(x), x.shape(), period, inputSlope), this::put);
    }

    /** So far apart that no tile with outputs in one segment reads another; the bits of one do not depend on others. */
    private static int period(TapGeometry geometry, int dilation, int signals, int span) {
        long reads = geometry.inLength - geometry.minShift + (long) dilation * (TILE - 1);
        long writes = geometry.columns + geometry.minShift + (long) dilation * (span - 1);
        return Math.toIntExact(Math.ceilDiv(Math.max(reads, writes), TILE * signals) * TILE);
    }

    /** Samples of one signal from the first output to the last, gaps between segments included. */
    private long length() {
        return (geometry.batch - 1L) * period + Math.ceilDiv(geometry.columns, signals);
    }

    private int tilesPerTask(WinogradForm form, int before) {
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
        int step = tiles - stretch.before;
        int tasks = Math.toIntExact(Math.ceilDiv(length(), step * TILE));
        pool.run(tasks, (index, worker) ->
                stretch.run(worker, index * (long) step - stretch.before, tiles, null, null));
    }

    /** Moves outputs of a channel to where they belong, without the gaps between segments. */
    private void put(int channel, long from, float[] line, int lineAt, int stretch) {
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

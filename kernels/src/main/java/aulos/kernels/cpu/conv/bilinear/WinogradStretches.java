// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.kernels.cpu.conv.job.Sink;
import aulos.kernels.cpu.conv.job.Source;
import aulos.kernels.cpu.conv.job.Streamed;
import aulos.kernels.cpu.loop.WinogradForm;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.Scratch;

/** {@link WinogradStretch} as a {@code ConvStream} wants it. */
final class WinogradStretches implements Streamed.Stretches {
    private static final int WIDTH = WinogradTransform.WIDTH;

    private final WinogradStretch stretch;
    private final Sink sink;
    /** Columns of a tile, of all signals. */
    private final int grid;
    private final int rows;
    private float[] carry;
    private int from;
    private int to;

    WinogradStretches(Scratch scratch, WinogradWeights weights, int maxColumns, Source source, Sink sink) {
        grid = WinogradForm.TILE * Integer.lowestOneBit(weights.dilation);
        stretch = new WinogradStretch(scratch, weights, Math.ceilDiv(maxColumns, WIDTH * grid) * WIDTH + WIDTH, true, source,
                this::put);
        this.sink = sink;
        rows = weights.geometry.outRows;
    }

    /** Whole vectors of tiles end where the stretch does, and may begin before it: the next one is then whole, too. */
    @Override
    public void run(int worker, int from, int to) {
        this.from = from;
        this.to = to;
        int tiles = Math.ceilDiv(to - from, grid);
        if (carry == null) {
            carry = stretch.carry();
            int whole = Math.ceilDiv(tiles + stretch.before, WIDTH) * WIDTH;
            stretch.run(worker, new WinogradStretch.Span(Math.ceilDiv(to, grid) - whole, whole, 0, rows, null, carry));
        } else {
            int whole = Math.ceilDiv(tiles, WIDTH) * WIDTH;
            stretch.run(worker, new WinogradStretch.Span(from / grid, whole, 0, rows, carry, carry));
        }
    }

    /** What is outside comes from samples that are not there yet, or not any more. */
    private void put(int channel, long first, float[] line, int at, int count) {
        long begin = Math.max(first, from);
        int n = (int) (Math.min(first + count, to) - begin);
        if (n > 0) {
            sink.put(channel, begin, line, at + (int) (begin - first), n);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;
import aulos.engine.Shape;
import java.util.Arrays;

/**
 * Tiles of {@value #OUTPUTS} columns, those of all segments of a batch side by side, and the samples they read,
 * gathered once into one row for each channel. Zeros lie between the segments there, so that what a tile is made from
 * does not depend on its neighbours.
 */
final class ToomTiles {
    static final int OUTPUTS = 3;

    final int perSegment;
    final int count;
    /** From one channel to the next: an odd number of cache lines, lest they compete for the same few sets. */
    final int rowLength;
    private final Shape shape;
    private final float[] values;
    private final int firstSample;
    private final int period;

    private ToomTiles(Operand x, int columns, int firstSample, int reach) {
        shape = x.shape();
        values = CpuBackend.values(x);
        this.firstSample = firstSample;
        perSegment = Math.ceilDiv(columns, OUTPUTS);
        count = Math.multiplyExact(shape.dim(0), perSegment);
        period = OUTPUTS * perSegment + reach;
        rowLength = oddLines(Math.multiplyExact(shape.dim(0), period));
    }

    /** Of a convolution's input: 7 samples each. */
    static ToomTiles ofInput(TapGeometry geometry, Operand x) {
        return new ToomTiles(x, geometry.columns, geometry.minShift, geometry.halo());
    }

    /** Of its output's gradient: as many samples as columns. */
    static ToomTiles ofGradient(Operand g) {
        return new ToomTiles(g, g.shape().dim(2), 0, 0);
    }

    /** At least {@code size}, and an odd number of cache lines. */
    static int oddLines(int size) {
        return (Math.ceilDiv(size, 16) | 1) * 16;
    }

    /** Samples of a row that some tile reads. */
    int length() {
        return shape.dim(0) * period;
    }

    CpuBuffer gather(WorkerPool pool, BufferPool buffers) {
        CpuBuffer gathered = buffers.take(Math.multiplyExact(shape.dim(1), rowLength));
        pool.run(shape.dim(1), (channel, worker) -> gather(channel, gathered.values));
        return gathered;
    }

    private void gather(int channel, float[] gathered) {
        int row = channel * rowLength;
        Arrays.fill(gathered, row, row + rowLength, 0);
        int length = shape.dim(2);
        int skipped = Math.max(firstSample, 0);
        int before = Math.max(-firstSample, 0);
        int used = Math.min(length - skipped, period - before);
        for (int segment = 0; segment < shape.dim(0) && used > 0; segment++) {
            System.arraycopy(values, (segment * shape.dim(1) + channel) * length + skipped, gathered,
                    row + segment * period + before, used);
        }
    }

    /** Where the samples of a tile begin in a row; past the last tile, where those of the last do. */
    int place(int tile) {
        int t = Math.min(tile, count - 1);
        return t / perSegment * period + t % perSegment * OUTPUTS;
    }
}

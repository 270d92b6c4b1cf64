// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.direct;

import aulos.kernels.cpu.conv.job.Streamed.Sink;
import aulos.kernels.cpu.conv.job.Streamed.Source;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.conv.layout.TapSums;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Direct convolution of stride 1, or a transposed one, of one stretch of the time axis after the other: the bits of {@link
 * TapConvolution}, for one segment whose input and output need not be whole tensors.
 */
final class TapStretch {
    /** Columns whose sums are kept before they are put away: with 8 channels, half a first-level cache. */
    private static final int STRIPE = 512;
    /** From one channel of them to the next. */
    private static final int PITCH = STRIPE + 16;

    private final Scratch scratch;
    private final TapGeometry geometry;
    private final MicroTile tile;
    private final Source source;
    private final Sink sink;
    /** Distance between gathered rows. An odd number of cache lines, lest rows compete for the same few sets. */
    private final int rowLength;
    /** For every output phase. */
    private final TapSums[] sums;

    /** @param maxColumns of output in a stretch */
    TapStretch(Scratch scratch, PackedTaps taps, int maxColumns, Source source, Sink sink) {
        this.scratch = scratch;
        this.geometry = taps.geometry();
        this.tile = taps.tile();
        this.source = source;
        this.sink = sink;
        int columns = Math.ceilDiv(maxColumns, geometry.outStride);
        rowLength = Scratch.oddLines(whole(columns) + geometry.halo());
        sums = new TapSums[geometry.outStride];
        Arrays.setAll(sums, phase -> new TapSums(scratch, taps, phase, rowLength));
    }

    private int whole(int columns) {
        return Math.ceilDiv(columns, tile.width()) * tile.width();
    }

    /** @param from a multiple of the output's stride, as is {@code to} unless it is the end */
    void run(int worker, int from, int to) {
        int stride = geometry.outStride;
        int columns = Math.ceilDiv(to - from, stride);
        float[] gathered = scratch.array(worker, Slot.SAMPLES, geometry.inRows * rowLength);
        for (int c = 0; c < geometry.inRows; c++) {
            source.gather(c, 0, 1, from / stride + geometry.minShift, whole(columns) + geometry.halo(), gathered,
                    Scratch.ORIGIN + c * rowLength);
        }
        for (int block = 0; block < PackedTaps.blocks(geometry, tile); block++) {
            if (stride == 1) {
                runStripes(worker, gathered, block, from, columns);
            } else {
                runInterleaved(worker, gathered, block, from, to);
            }
        }
    }

    private void runStripes(int worker, float[] gathered, int block, int from, int columns) {
        float[] y = scratch.array(worker, Slot.SUMS, tile.rows() * PITCH);
        int first = block * tile.rows();
        for (int stripe = 0; stripe < columns; stripe += STRIPE) {
            int count = Math.min(STRIPE, columns - stripe);
            for (int i = 0; i < count; i += tile.width()) {
                sums[0].run(worker, gathered, Scratch.ORIGIN + stripe + i, block, y, Scratch.ORIGIN + i, PITCH);
            }
            for (int row = 0; row < Math.min(tile.rows(), geometry.outRows - first); row++) {
                sink.put(first + row, from + stripe, y, Scratch.ORIGIN + row * PITCH, count);
            }
        }
    }

    /** Each column gives one output of each phase. */
    private void runInterleaved(int worker, float[] gathered, int block, int from, int to) {
        int stride = geometry.outStride;
        int size = tile.rows() * tile.width();
        int first = block * tile.rows();
        for (int done = from; done < to; done += tile.width() * stride) {
            float[] phases = scratch.array(worker, Slot.SUMS, size * stride);
                for (int phase = 0; phase < stride; phase++) {
                sums[phase].run(worker, gathered, Scratch.ORIGIN + (done - from) / stride, block, phases,
                        Scratch.ORIGIN + phase * size, tile.width());
            }
            float[] line = Rows.interleave(
                    phases, scratch.array(worker, Slot.SPARE, size * stride), Scratch.ORIGIN, stride, size);
            for (int row = 0; row < Math.min(tile.rows(), geometry.outRows - first); row++) {
                int width = tile.width() * stride;
                sink.put(first + row, done, line, Scratch.ORIGIN + row * width, Math.min(width, to - done));
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.direct;

import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.CorrelationTile;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient of a convolution in its weight, over the same time axis as the convolution itself:
 *
 * <pre>w[o, c, k] = Σ over columns u of gradient[o][u] · input[c, tap.row][u + tap.shift]</pre>
 *
 * <p>Both operands are first gathered into rows along that axis, leaky ReLU, padding and phases dealt with. Sums are
 * kept per lane, as vectors along time, and added up at the end. A task has a range of output channels, a range of
 * input channels, and, where there are few of these, one of several parts of the time axis; the parts are added in
 * order. None of this depends on the number of threads, so neither does any bit.
 */
public final class TapCorrelation {
    private static final int OUT_ROWS = 16;
    /** Input rows (channel and phase) of a task. */
    private static final int IN_ROWS = 32;
    /** Columns taken at a time; with the rows above, 200 KB. */
    private static final int CHUNK = 1024;
    /** Sums of a task, in floats: a quarter of a 1 MB L2 cache. */
    private static final int SUMS = 64 * 1024;
    /** Fewer tasks than this, and the time axis is split. */
    private static final int MIN_TASKS = 32;

    /** For any layer. */
    public static final GradientJob.Algorithm ALGORITHM =
            new GradientJob.Algorithm(job -> true, job -> new TapCorrelation(job).run());

    private final WorkerPool pool;
    private final Scratch scratch;
    private final TapGeometry geometry;
    private final SegmentedInput input;
    private final SegmentedInput gradient;
    private final float[] output;

    private final int channels;
    private final int outRanges;
    private final int inRanges;
    private final int partChunks;
    private final int parts;
    /** Columns of the whole axis, whole vectors of them. */
    private final int columns;
    private final int rowLength;

    private TapCorrelation(GradientJob job) {
        pool = job.space().pool();
        scratch = job.space().scratch();
        geometry = TapGeometry.of(job);
        input = new SegmentedInput(job, geometry);
        gradient = new SegmentedInput(job.gradient(), job.gradientShape(), geometry.period, job.gradientSlope());
        output = job.output();
        int fitting = Math.min(IN_ROWS / geometry.phases.length,
                SUMS / (OUT_ROWS * CorrelationTile.LANES) / geometry.kernelSize);
        channels = Math.clamp(fitting, 1, geometry.inRows);
        outRanges = Math.ceilDiv(geometry.outRows, OUT_ROWS);
        inRanges = Math.ceilDiv(geometry.inRows, channels);
        int chunks = Math.toIntExact(Math.ceilDiv(geometry.length(), CHUNK));
        int wanted = Math.clamp(MIN_TASKS / Math.max(1, geometry.groups * outRanges * inRanges), 1, chunks);
        partChunks = Math.ceilDiv(chunks, wanted);
        parts = Math.ceilDiv(chunks, partChunks);
        columns = Math.toIntExact(Math.ceilDiv(geometry.length(), CorrelationTile.LANES) * CorrelationTile.LANES);
        rowLength = Scratch.oddLines(Math.addExact(columns, geometry.halo()));
    }

    private void run() {
        int ins = geometry.groups * geometry.inRows;
        int outs = geometry.groups * geometry.outRows;
        float[] inputs = scratch.array(scratch.shared, Slot.SAMPLES, rows(ins * geometry.phases.length));
        float[] gradients = scratch.array(scratch.shared, Slot.GRADIENT, rows(outs));
        pool.run(ins + outs, (index, worker) -> {
            if (index < ins) {
                input.gather(geometry, index, geometry.minShift, columns + geometry.halo(), inputs,
                        rows(index * geometry.phases.length), rowLength);
            } else {
                gradient.gather(index - ins, 0, 1, 0, columns, gradients, rows(index - ins));
            }
        });
        float[] sums = parts == 1 ? output : new float[Math.multiplyExact(parts, weights())];
        pool.run(geometry.groups * outRanges * inRanges * parts, (index, worker) ->
                runTask(worker, index, inputs, gradients, sums));
        if (parts > 1) {
            System.arraycopy(sums, 0, output, 0, weights());
            for (int part = 1; part < parts; part++) {
                for (int i = 0; i < weights(); i++) {
                    output[i] += sums[part * weights() + i];
                }
            }
        }
    }

    private int rows(int count) {
        return Math.multiplyExact(count, rowLength);
    }

    private int weights() {
        return geometry.groups * geometry.outRows * geometry.inRows * geometry.kernelSize;
    }

    private void runTask(int worker, int index, float[] inputs, float[] gradients, float[] sums) {
        int part = index % parts;
        int outRange = index / parts / inRanges;
        int group = outRange / outRanges;
        int firstOut = outRange % outRanges * OUT_ROWS;
        int firstIn = index / parts % inRanges * channels;
        int outs = Math.min(OUT_ROWS, geometry.outRows - firstOut);
        int ins = Math.min(channels, geometry.inRows - firstIn);
        int pairs = ins * geometry.kernelSize;
        int outTiles = Math.ceilDiv(outs, CorrelationTile.ROWS);
        int pairTiles = Math.ceilDiv(pairs, CorrelationTile.PAIRS);
        int firstChannel = group * geometry.outRows + firstOut;
        int[] inOffsets = inOffsets(group * geometry.inRows + firstIn, ins, pairTiles * CorrelationTile.PAIRS);
        int tileSums = CorrelationTile.ROWS * CorrelationTile.PAIRS * CorrelationTile.LANES;
        float[] lanes = scratch.array(worker, Slot.SUMS, outTiles * pairTiles * tileSums);
        Arrays.fill(lanes, 0, outTiles * pairTiles * tileSums, 0);

        int begin = part * partChunks * CHUNK;
        int end = Math.min(begin + partChunks * CHUNK, columns);
        for (int from = begin; from < end; from += CHUNK) {
            int count = Math.min(CHUNK, end - from);
            for (int o = 0; o < outTiles; o++) {
                int[] outOffsets = outOffsets(firstChannel + o * CorrelationTile.ROWS, firstChannel + outs - 1);
                for (int p = 0; p < pairTiles; p++) {
                    CorrelationTile.run(gradients, outOffsets, inputs, inOffsets, p * CorrelationTile.PAIRS, from,
                            count, lanes, (o * pairTiles + p) * tileSums);
                }
            }
        }

        int at = part * weights() + (firstChannel * geometry.inRows + firstIn) * geometry.kernelSize;
        for (int o = 0; o < outs; o++) {
            for (int p = 0; p < pairs; p++) {
                int tile = o / CorrelationTile.ROWS * pairTiles + p / CorrelationTile.PAIRS;
                int sum = o % CorrelationTile.ROWS * CorrelationTile.PAIRS + p % CorrelationTile.PAIRS;
                sums[at + o * geometry.inRows * geometry.kernelSize + p] =
                        total(lanes, tile * tileSums + sum * CorrelationTile.LANES);
            }
        }
    }

    /** Where the rows of a tile begin; the last channel repeats to fill the last tile, and those sums are not read. */
    private int[] outOffsets(int first, int last) {
        int[] result = new int[CorrelationTile.ROWS];
        for (int i = 0; i < result.length; i++) {
            result[i] = rows(Math.min(first + i, last));
        }
        return result;
    }

    /** Where each (channel, tap) pair reads in the gathered input; the last one repeats likewise. */
    private int[] inOffsets(int firstChannel, int ins, int count) {
        int[] result = new int[count];
        for (int i = 0; i < count; i++) {
            int pair = Math.min(i, ins * geometry.kernelSize - 1);
            TapGeometry.Tap tap = geometry.taps[0][pair % geometry.kernelSize];
            int row = (firstChannel + pair / geometry.kernelSize) * geometry.phases.length + tap.row();
            result[i] = rows(row) + tap.shift() - geometry.minShift;
        }
        return result;
    }

    private static float total(float[] lanes, int offset) {
        float sum = 0;
        for (int i = 0; i < CorrelationTile.LANES; i++) {
            sum += lanes[offset + i];
        }
        return sum;
    }
}

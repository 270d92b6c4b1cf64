// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.direct;

import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.DenseColumns;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.LaneTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The gradient in the weight of a layer with few columns and, because it is grouped, few channels: the product of the input under the taps,
 * [input channel, tap] × [column], which is read where it lies, with the gradient turned to [column] × [output channel].
 * A task has some output channels, some (channel, tap) pairs, and, where there are few of these, one of several parts of
 * the columns; the parts are added in order, and depend on the layer alone.
 */
public final class LongCorrelation {
    /** (Channel, tap) pairs of a task: with one tile of output channels, sums of 64 KB. */
    private static final int PAIRS = 512;
    /** Columns of a tile that are summed in one go, and multiplied with all pairs while in cache. */
    private static final int SUMMED = 256;
    private static final int MIN_CHANNELS = 16;
    private static final int MAX_COLUMNS = 1024;
    /** Fewer tasks than this, and columns are split. */
    private static final int MIN_TASKS = 32;

    public static final GradientJob.Algorithm ALGORITHM =
            new GradientJob.Algorithm(job -> suits(TapGeometry.of(job)), job -> new LongCorrelation(job).run());

    private final Workspace space;
    private final TapGeometry geometry;
    private final DenseColumns columns;
    private final float[] gradient;
    private final float gradientSlope;
    private final float[] output;

    /** Output channels of a tile. */
    private final int width;
    private final int tiles;
    private final int pairs;
    private final int ranges;
    private final int partLength;
    private final int parts;

    private LongCorrelation(GradientJob job) {
        space = job.space();
        geometry = TapGeometry.of(job);
        columns = new DenseColumns(geometry, new SegmentedInput(job, geometry));
        gradient = job.gradient();
        gradientSlope = job.gradientSlope();
        output = job.output();
        width = LaneTile.width(geometry.outRows);
        tiles = Math.ceilDiv(geometry.outRows, width);
        pairs = geometry.inRows * geometry.kernelSize;
        ranges = Math.ceilDiv(pairs, PAIRS);
        int chunks = Math.ceilDiv(columns.count, SUMMED);
        int wanted = Math.clamp(MIN_TASKS / Math.max(1, geometry.groups * tiles * ranges), 1, chunks);
        partLength = Math.ceilDiv(chunks, wanted) * SUMMED;
        parts = Math.ceilDiv(columns.count, partLength);
    }

    /** Where sums kept per lane, as in {@link TapCorrelation}, would be many and short. */
    private static boolean suits(TapGeometry geometry) {
        return geometry.outRows >= MIN_CHANNELS && (long) geometry.batch * geometry.columns <= MAX_COLUMNS;
    }

    private void run() {
        WorkerPool pool = space.pool();
        BufferPool buffers = space.buffers();
        CpuBuffer gathered = buffers.take(columns.size());
        columns.gather(pool, gathered.values);
        CpuBuffer turned = buffers.take(Math.multiplyExact(geometry.groups * tiles * width, columns.count));
        pool.run(geometry.groups * tiles * geometry.batch, (index, worker) ->
                turn(index / geometry.batch, index % geometry.batch, turned.values));
        int weights = geometry.groups * geometry.outRows * pairs;
        CpuBuffer partial = parts == 1 ? null : buffers.take(Math.multiplyExact(parts, weights));
        float[] sums = partial == null ? output : partial.values;
        int[] places = columns.places(0, columns.count);
        pool.run(geometry.groups * tiles * ranges * parts, (index, worker) ->
                runTask(worker, index, places, gathered.values, turned.values, sums));
        if (partial != null) {
            System.arraycopy(sums, 0, output, 0, weights);
            for (int part = 1; part < parts; part++) {
                Rows.add(sums, part * weights, 0, output, 0, 0, 1, weights, 1);
            }
            buffers.give(partial);
        }
        buffers.give(turned);
        buffers.give(gathered);
    }

    /** One tile of the gradient's channels in one segment, to [column][channel of the tile]. */
    private void turn(int tileIndex, int segment, float[] turned) {
        int length = geometry.outLength;
        int first = tileIndex % tiles * width;
        int at = (tileIndex * columns.count + segment * length) * width;
        int filled = Math.min(width, geometry.outRows - first);
        int from = ((segment * geometry.groups + tileIndex / tiles) * geometry.outRows + first) * length;
        if (filled < width) {
            Arrays.fill(turned, at, at + length * width, 0);
        }
        for (int i = 0; i < filled; i += 8) {
            Rows.interleaveRows(gradient, from + i * length, 1, length, Math.min(8, filled - i), length, turned, at + i,
                    width);
        }
        Rows.leakyCopy(turned, at, 1, turned, at, length * width, gradientSlope);
    }

    private void runTask(int worker, int index, int[] places, float[] gathered, float[] turned, float[] to) {
        int part = index % parts;
        int tileIndex = index / parts / ranges;
        int firstPair = index / parts % ranges * PAIRS;
        int count = Math.min(PAIRS, pairs - firstPair);
        int rows = Math.ceilDiv(count, LaneTile.ROWS) * LaneTile.ROWS;
        int group = tileIndex / tiles;
        int[] offsets = new int[rows];
        for (int i = 0; i < rows; i++) {
            int pair = firstPair + Math.min(i, count - 1);
            offsets[i] = columns.offset(group * geometry.inRows + pair / geometry.kernelSize,
                    geometry.taps[0][pair % geometry.kernelSize]);
        }
        float[] sums = space.scratch().array(worker, Slot.SUMS, rows * width);
        Arrays.fill(sums, 0, rows * width, 0);
        int end = Math.min((part + 1) * partLength, columns.count);
        for (int from = part * partLength; from < end; from += SUMMED) {
            int length = Math.min(SUMMED, end - from);
            for (int row = 0; row < rows; row += LaneTile.ROWS) {
                LaneTile.addPairs(gathered, offsets, row, places, from, length, turned,
                        (tileIndex * columns.count + from) * width, width, sums, row * width);
            }
        }
        int first = tileIndex % tiles * width;
        int channels = Math.min(width, geometry.outRows - first);
        for (int channel = 0; channel < channels; channel++) {
            int at = ((part * geometry.groups + group) * geometry.outRows + first + channel) * pairs + firstPair;
            for (int i = 0; i < count; i++) {
                to[at + i] = sums[i * width + channel];
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.job.Streamed.Source;
import aulos.kernels.cpu.loop.Rows;
import java.util.Arrays;

/**
 * A tensor [batch, channels, length] read along the time axis of {@link TapGeometry}, where the batch's segments lie
 * {@code period} columns apart and everything between them is zero.
 */
public final class SegmentedInput implements Source {
    private final float[] values;
    private final int batch;
    private final int channels;
    private final int length;
    private final int period;
    private final float slope;

    /** @param slope of the leaky ReLU for negative values; 1 leaves them as they are */
    public SegmentedInput(float[] values, Shape shape, int period, double slope) {
        this.values = values;
        this.batch = shape.dim(0);
        this.channels = shape.dim(1);
        this.length = shape.dim(2);
        this.period = period;
        this.slope = (float) slope;
    }

    /** The input of a convolution. */
    public SegmentedInput(ConvJob job, TapGeometry geometry) {
        this(job.x(), job.inShape(), geometry.period, job.inputSlope());
    }

    /** That of a gradient. */
    public SegmentedInput(GradientJob job, TapGeometry geometry) {
        this(job.x(), job.inShape(), geometry.period, job.inputSlope());
    }

    /**
     * Copies columns {@code from} to {@code from + count − 1} of every phase of a channel that the geometry reads through the
     * leaky ReLU, each into a row of its own, {@code rowLength} apart.
     */
    public void gather(TapGeometry geometry, int channel, long from, int count, float[] to, int at, int rowLength) {
        for (int row = 0; row < geometry.phases.length; row++) {
            gather(channel, geometry.phases[row], geometry.inStride, from, count, to, at + row * rowLength);
        }
    }

    @Override
    public void gather(int channel, int phase, int step, long from, int count, float[] to, int at) {
        int filled = Math.max(0, Math.ceilDiv(length - phase, step));
        long segment = Math.floorDiv(from, (long) period);
        int column = Math.floorMod(from, period);
        int n;
        for (int done = 0; done < count; done += n) {
            n = Math.min(count - done, (column < filled ? filled : period) - column);
            if (column < filled && segment >= 0 && segment < batch) {
                int start = ((int) segment * channels + channel) * length + column * step + phase;
                Rows.leakyCopy(values, start, step, to, at + done, n, 1);
            } else {
                Arrays.fill(to, at + done, at + done + n, 0);
            }
            column += n;
            if (column == period) {
                column = 0;
                segment++;
            }
        }
        // All at once: of short segments no vector would be full.
        Rows.leakyCopy(to, at, 1, to, at, count, slope);
    }
}

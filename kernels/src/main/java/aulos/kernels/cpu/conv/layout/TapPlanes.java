// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * The weights of {@value #TAPS} taps that a task of a wide layer needs next, each tap in a plane of its own, [panel of
 * output channels][input channel][width], ready to be transformed and multiplied.
 */
public final class TapPlanes {
    public static final int TAPS = 5;
    /** Rows of a transposed weight that are copied together. */
    private static final int COPIED = 8;

    private final Scratch scratch;
    private final TapGeometry geometry;
    private final boolean transposed;
    /** [output channel][input channel][tap], if transposed [input channel][output channel][tap]. */
    private final float[] weight;
    private final int lanes;
    private final int width;

    /**
     * @param lanes output channels of a task
     * @param width of a panel
     */
    public TapPlanes(ConvJob job, TapGeometry geometry, int lanes, int width) {
        this.scratch = job.space().scratch();
        this.geometry = geometry;
        this.transposed = job.transposed();
        this.weight = job.weight();
        this.lanes = lanes;
        this.width = width;
    }

    /**
     * Of {@code count} input channels from {@code channel}; planes begin at {@link Scratch#ORIGIN}, {@code pitch} apart.
     * {@link Slot#COPY} is used.
     */
    public void fill(int worker, int firstLane, int channel, int count, float[] planes, int pitch) {
        int filled = Math.min(lanes, geometry.outRows - firstLane);
        for (int tap = 0; tap < TAPS && filled < lanes; tap++) {
            int at = Scratch.ORIGIN + tap * pitch;
            Arrays.fill(planes, at, at + count * lanes, 0);
        }
        if (transposed) {
            split(worker, firstLane, filled, channel, count, planes, pitch);
        } else {
            interleave(worker, firstLane, filled, channel, count, planes, pitch);
        }
    }

    /** Where a lane of a task's first input channel lies in the first plane, {@code count} of them in each. */
    private int place(int lane, int count) {
        return Scratch.ORIGIN + lane / width * width * count + lane % width;
    }

    private void interleave(int worker, int firstLane, int filled, int channel, int count, float[] planes, int pitch) {
        // Rows of the weight are a power of two apart, and compete for the same few sets of the cache: copied first.
        int rowLength = Scratch.oddLines(count * TAPS);
        float[] copy = scratch.array(worker, Slot.COPY, 8 * rowLength);
        for (int lane = 0; lane < filled; lane += 8) {
            int rows = Math.min(8, filled - lane);
            for (int row = 0; row < rows; row++) {
                int from = ((firstLane + lane + row) * geometry.inRows + channel) * TAPS;
                System.arraycopy(weight, from, copy, row * rowLength, count * TAPS);
            }
            for (int tap = 0; tap < TAPS; tap++) {
                Rows.interleaveRows(copy, tap, TAPS, rowLength, rows, count, planes, tap * pitch + place(lane, count),
                        width);
            }
        }
    }

    private void split(int worker, int firstLane, int filled, int channel, int count, float[] planes, int pitch) {
        // A row is too short for the memory to keep up with plain loops: some are copied first, and arrive together.
        int rowLength = filled * TAPS;
        float[] copy = scratch.array(worker, Slot.COPY, COPIED * rowLength);
        for (int c = 0; c < count; c++) {
            for (int row = c; c % COPIED == 0 && row < Math.min(c + COPIED, count); row++) {
                System.arraycopy(weight, ((channel + row) * geometry.outRows + firstLane) * TAPS, copy,
                        (row - c) * rowLength, rowLength);
            }
            int from = c % COPIED * rowLength;
            for (int lane = 0; lane < filled; lane += width) {
                int to = place(lane, count) + c * width;
                int end = to + Math.min(width, filled - lane);
                for (int i = to; i < end; i++, from += TAPS) {
                    planes[i] = copy[from];
                    planes[i + pitch] = copy[from + 1];
                    planes[i + 2 * pitch] = copy[from + 2];
                    planes[i + 3 * pitch] = copy[from + 3];
                    planes[i + 4 * pitch] = copy[from + 4];
                }
            }
        }
    }

    /** The inverse for one row of a gradient: y [tap][channel], rows {@code pitch} apart, to [channel][tap]. */
    public static void join(float[] y, int pitch, int channels, float[] to, int at) {
        for (int i = 0, t = at; i < channels; i++, t += TAPS) {
            to[t] = y[i];
            to[t + 1] = y[i + pitch];
            to[t + 2] = y[i + 2 * pitch];
            to[t + 3] = y[i + 3 * pitch];
            to[t + 4] = y[i + 4 * pitch];
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.engine.Shape;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * A tensor [batch, channels, length] with the channels of a group side by side, [group][segment][sample][channel], where
 * sample n is the tensor's n − {@code before}, and zero where it has none.
 *
 * @param values the tensor's
 * @param length samples of a segment here
 * @param slope of the leaky ReLU for negative values; 1 leaves them as they are
 */
public record TurnedInput(float[] values, Shape shape, int groups, int before, int length, float slope) {
    /** Samples turned at a time, in cache. */
    private static final int CHUNK = 128;
    private static final int ROWS = 8;
    /** Of what is copied first, as rows of the tensor may compete for the same few sets of a cache. */
    private static final int PITCH = CHUNK + 16;
    public static final int LINES = ROWS * PITCH;

    /** Channels of a group. */
    public int channels() {
        return shape.dim(1) / groups;
    }

    public int size() {
        return Math.multiplyExact(Math.multiplyExact(groups * shape.dim(0), length), channels());
    }

    /** Where a segment begins. */
    public int offset(int group, int segment) {
        return (group * shape.dim(0) + segment) * length * channels();
    }

    public void fill(WorkerPool pool, Scratch scratch, float[] to) {
        int chunks = Math.ceilDiv(length, CHUNK);
        pool.run(groups * shape.dim(0) * chunks, (index, worker) -> {
            int segment = index / chunks % shape.dim(0);
            int group = index / chunks / shape.dim(0);
            int first = index % chunks * CHUNK;
            fill(group, segment, first, Math.min(first + CHUNK, length), scratch.array(worker, Slot.LINE, LINES), to,
                    offset(group, segment) + first * channels());
        });
    }

    /**
     * Samples {@code first} to {@code end} − 1 of a segment, from {@code to[at]} on.
     *
     * @param lines memory for {@link #LINES}
     */
    public void fill(int group, int segment, int first, int end, float[] lines, float[] to, int at) {
        for (int sample = first; sample < end; sample += CHUNK) {
            fillChunk(group, segment, sample, Math.min(sample + CHUNK, end), lines, to,
                    at + (sample - first) * channels());
        }
    }

    private void fillChunk(int group, int segment, int first, int end, float[] lines, float[] to, int at) {
        int width = channels();
        int samples = shape.dim(2);
        int base = at - first * width;
        int from = Math.clamp(before, first, end);
        int until = Math.clamp((long) before + samples, from, end);
        Arrays.fill(to, base + first * width, base + from * width, 0);
        Arrays.fill(to, base + until * width, base + end * width, 0);
        int count = until - from;
        for (int c = 0; c < width && count > 0; c += ROWS) {
            int rows = Math.min(ROWS, width - c);
            int row = segment * shape.dim(1) + group * width + c;
            for (int r = 0; r < rows; r++) {
                Rows.leakyCopy(values, (row + r) * samples + from - before, 1, lines, r * PITCH, count, slope);
            }
            Rows.interleaveRows(lines, 0, 1, PITCH, rows, count, to, base + from * width + c, width);
        }
    }
}

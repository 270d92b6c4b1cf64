// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.kernels.cpu.conv.job.Streamed.Source;
import aulos.kernels.cpu.loop.Rows;
import java.util.Arrays;

/**
 * A signal [channels, length] of which the last {@code pitch} columns are remembered: column t of a channel is at t
 * modulo pitch. With a pitch of the whole length it is an ordinary tensor.
 *
 * @param base where in {@code values} it begins
 */
public record Plane(float[] values, int base, int pitch, int length) {
    public static Plane whole(float[] values, int length) {
        return new Plane(values, 0, length, length);
    }

    /** Reads it through a leaky ReLU. */
    public Source source(float slope) {
        return (channel, phase, step, from, count, to, at) -> {
            long first = from * step + phase;
            int begin = (int) Math.clamp(-Math.floorDiv(first, (long) step), 0L, (long) count);
            int end = (int) Math.clamp(Math.ceilDiv(length - first, (long) step), (long) begin, (long) count);
            Arrays.fill(to, at, at + begin, 0);
            int n;
            for (int done = begin; done < end; done += n) {
                int column = (int) ((first + (long) done * step) % pitch);
                n = Math.min(end - done, Math.ceilDiv(pitch - column, step));
                Rows.leakyCopy(values, base + channel * pitch + column, step, to, at + done, n, slope);
            }
            Arrays.fill(to, at + end, at + count, 0);
        };
    }

    /** Where a column of a channel that is there lies. */
    public int place(int channel, int column) {
        return base + channel * pitch + column % pitch;
    }

    /** How many columns from {@code column} on lie one after another. */
    public int run(int column) {
        return Math.min(length - column, pitch - column % pitch);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import java.util.Arrays;

/**
 * A signal [channels, length] of which the last {@code pitch} columns are remembered: column t of a channel is at t
 * modulo pitch. With a pitch of the whole length it is an ordinary tensor.
 *
 * @param base where in {@code values} it begins
 */
record Plane(float[] values, int base, int pitch, int length) {
    static Plane whole(float[] values, int length) {
        return new Plane(values, 0, length, length);
    }

    /** See {@link Source#gather}. */
    void gather(int channel, int phase, int step, long from, int count, float[] to, int at, float slope) {
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
    }

    /** line[at + i] = (line[at + i] + the column from + i of the channel) · scale; all columns must be there. */
    void addTo(float[] line, int at, int channel, int from, int count, float scale) {
        int n;
        for (int done = 0; done < count; done += n) {
            int column = (from + done) % pitch;
            n = Math.min(count - done, pitch - column);
            Rows.add(values, base + channel * pitch + column, 0, line, at + done, 0, 1, n, scale);
        }
    }

    void store(float[] line, int at, int channel, int from, int count) {
        int n;
        for (int done = 0; done < count; done += n) {
            int column = (from + done) % pitch;
            n = Math.min(count - done, pitch - column);
            System.arraycopy(line, at + done, values, base + channel * pitch + column, n);
        }
    }
}

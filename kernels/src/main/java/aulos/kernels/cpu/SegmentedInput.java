// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import java.util.Arrays;

/**
 * A tensor [batch, channels, length] read along the time axis of {@link TapGeometry}, where the batch's segments lie
 * {@code period} columns apart and everything between them is zero.
 */
record SegmentedInput(float[] values, int batch, int channels, int length, int period, float slope) {

    /**
     * Copies columns {@code from} to {@code from + count − 1} of one phase (samples m·step + phase) of a channel, through
     * the leaky ReLU.
     */
    void gather(int channel, int phase, int step, long from, int count, float[] to, int at) {
        int filled = Math.max(0, Math.ceilDiv(length - phase, step));
        int done = 0;
        while (done < count) {
            long segment = Math.floorDiv(from + done, (long) period);
            int column = Math.floorMod(from + done, period);
            int left = count - done;
            if (column >= filled) {
                int n = Math.min(period - column, left);
                Arrays.fill(to, at + done, at + done + n, 0);
                done += n;
            } else {
                int n = Math.min(filled - column, left);
                if (segment < 0 || segment >= batch) {
                    Arrays.fill(to, at + done, at + done + n, 0);
                } else {
                    int start = ((int) segment * channels + channel) * length + column * step + phase;
                    Rows.leakyCopy(values, start, step, to, at + done, n, slope);
                }
                done += n;
            }
        }
    }
}

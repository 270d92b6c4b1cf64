// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

/** What a convolution reads its input from: channels along a time axis that is zero wherever there is no signal. */
public interface Source {
    /**
     * Copies {@code count} samples of a channel, {@code step} apart and the first of them at {@code from}·step + phase,
     * through the leaky ReLU.
     */
    void gather(int channel, int phase, int step, long from, int count, float[] to, int at);
}

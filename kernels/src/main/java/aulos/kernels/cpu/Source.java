// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** What a convolution reads its input from: channels along a time axis that is zero wherever there is no signal. */
interface Source {
    /**
     * Copies {@code count} samples of a channel, {@code step} apart and the first of them at {@code from}·step + phase,
     * through the leaky ReLU.
     */
    void gather(int channel, int phase, int step, long from, int count, float[] to, int at);

    /** The leaky ReLU's slope for negative values; 1 leaves them as they are. */
    float slope();

    /** Where samples lie that need not be gathered, still to go through the leaky ReLU. */
    float[] values();

    /** Where sample {@code from} of a channel lies in {@link #values}, if there is one. */
    int place(int channel, long from);

    /** How many samples from {@code from} on lie one after another there; 0 if there is none. */
    int run(long from);
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

/** Where a convolution puts its sums, biases included. */
public interface Sink {
    /**
     * Takes {@code count} sums of a channel, those of columns {@code from} on; columns that hold no output are dropped.
     *
     * @param line may be changed from {@code at} to {@code at + count}
     */
    void put(int channel, long from, float[] line, int at, int count);
}

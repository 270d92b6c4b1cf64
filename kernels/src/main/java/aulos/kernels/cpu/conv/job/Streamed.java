// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

/** What computes a layer piece by piece, once it is known where from and where to. */
public interface Streamed {
    /** Computes outputs from left to right, each call going on where the one before has ended. */
    interface Stretches {
        /** @param from a multiple of all layers' grids, as is {@code to} unless it is the end */
        void run(int worker, int from, int to);
    }

    /** @param maxColumns of a stretch */
    Stretches on(int maxColumns, Source source, Sink sink);

    /** What a convolution reads its input from: channels along a time axis that is zero wherever there is no signal. */
    interface Source {
        /**
         * Copies {@code count} samples of a channel, {@code step} apart and the first of them at {@code from}·step + phase,
         * through the leaky ReLU.
         */
        void gather(int channel, int phase, int step, long from, int count, float[] to, int at);
    }

    /** Where a convolution puts its sums, biases included. */
    interface Sink {
        /**
         * Takes {@code count} sums of a channel, those of columns {@code from} on; columns that hold no output are dropped.
         *
         * @param line may be changed from {@code at} to {@code at + count}
         */
        void put(int channel, long from, float[] line, int at, int count);
    }
}

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
}

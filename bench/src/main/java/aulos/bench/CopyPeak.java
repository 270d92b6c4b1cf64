// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.util.ArrayList;
import java.util.List;

/** The machine's limit in moving memory, to judge kernels by that compute little. */
final class CopyPeak {
    /** Floats of each array: far beyond the caches. */
    private static final int LENGTH = 16 << 20;

    private static final int ROUNDS = 7;

    private CopyPeak() {}

    /** What {@code threads} cores copy at best, in bytes read and written per nanosecond (GB/s). */
    static double gigabytesPerSecond(int threads) throws InterruptedException {
        float[][] from = new float[threads][LENGTH];
        float[][] to = new float[threads][LENGTH];
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            List<Thread> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int index = i;
                workers.add(Thread.ofPlatform().start(() -> System.arraycopy(from[index], 0, to[index], 0, LENGTH)));
            }
            for (Thread worker : workers) {
                worker.join();
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        return 2.0 * Float.BYTES * LENGTH * threads / best;
    }
}

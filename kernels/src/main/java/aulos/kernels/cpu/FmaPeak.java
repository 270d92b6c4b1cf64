// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static aulos.kernels.cpu.run.Lanes.S;

import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.WorkerPool;
import jdk.incubator.vector.FloatVector;

/** The machine's limit in float32 multiply–adds, to judge the convolutions by: it differs from hour to hour. */
public final class FmaPeak {
    private static final int TASKS_PER_THREAD = 20;
    private static final int LENGTH = 100_000;
    private static final int CHAINS = 12;
    private static final int ROUNDS = 8;

    private FmaPeak() {}

    /**
     * What {@code threads} cores do at best without touching memory, in GFLOP/s; takes a fraction of a second.
     *
     * @throws IllegalStateException if this JVM runs plain loops, which do not reach the limit
     */
    public static double gigaflops(int threads) {
        if (!Simd.ENABLED) {
            throw new IllegalStateException("FMA peak: this JVM runs plain loops, expected vectors");
        }
        int tasks = threads * TASKS_PER_THREAD;
        float[] sink = new float[tasks];
        long best = Long.MAX_VALUE;
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                pool.run(tasks, (index, worker) -> sink[index] = Chains.run(LENGTH));
                best = Math.min(best, System.nanoTime() - start);
            }
        }
        return 2.0 * tasks * LENGTH * CHAINS * Simd.WIDTH / best;
    }

    /** Apart, because only vectors may load it. */
    private static final class Chains {
        /** Twelve sums that do not wait for each other, enough for two units of a latency of up to six. */
        static float run(int length) {
            FloatVector half = FloatVector.broadcast(S, 0.5f);
            FloatVector a = half;
            FloatVector b = half;
            FloatVector c = half;
            FloatVector d = half;
            FloatVector e = half;
            FloatVector f = half;
            FloatVector g = half;
            FloatVector h = half;
            FloatVector i = half;
            FloatVector j = half;
            FloatVector k = half;
            FloatVector l = half;
            for (int n = 0; n < length; n++) {
                a = a.fma(half, half);
                b = b.fma(half, half);
                c = c.fma(half, half);
                d = d.fma(half, half);
                e = e.fma(half, half);
                f = f.fma(half, half);
                g = g.fma(half, half);
                h = h.fma(half, half);
                i = i.fma(half, half);
                j = j.fma(half, half);
                k = k.fma(half, half);
                l = l.fma(half, half);
            }
            return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.hot;

import static aulos.kernels.cpu.loop.warm.IntLanes.EVEN;
import static aulos.kernels.cpu.loop.warm.IntLanes.ODD;
import static aulos.kernels.cpu.loop.warm.IntLanes.load;
import static aulos.kernels.cpu.loop.warm.IntLanes.store;
import static aulos.kernels.cpu.run.Lanes.S;

import jdk.incubator.vector.IntVector;

/** The vector loops behind {@code Rows} that take every second or fourth element, whole vectors only, as many as they return. */
public final class StepsVector {
    private static final int N = S.length();

    private StepsVector() {}

    /** to[toAt + i] = x[at + i·step], for steps of 2 and 4 only. */
    public static int every(int step, float[] x, int at, float[] to, int toAt, int count) {
        int i = 0;
        if (step == 2) {
            for (; i + N <= count && at + 2 * (i + N) <= x.length; i += N) {
                int from = at + 2 * i;
                store(EVEN.selectFrom(load(x, from), load(x, from + N)), to, toAt + i);
            }
        } else if (step == 4) {
            for (; i + N <= count && at + 4 * (i + N) <= x.length; i += N) {
                int from = at + 4 * i;
                IntVector low = EVEN.selectFrom(load(x, from), load(x, from + N));
                IntVector high = EVEN.selectFrom(load(x, from + 2 * N), load(x, from + 3 * N));
                store(EVEN.selectFrom(low, high), to, toAt + i);
            }
        }
        return i;
    }

    /** to[even + i] = x[at + 2i], to[odd + i] = x[at + 2i + 1]. */
    public static int unzip(float[] x, int at, int count, float[] to, int even, int odd) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += N) {
            IntVector a = load(x, at + 2 * i);
            IntVector b = load(x, at + 2 * i + N);
            store(EVEN.selectFrom(a, b), to, even + i);
            store(ODD.selectFrom(a, b), to, odd + i);
        }
        return bound;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.hot;

import static aulos.kernels.cpu.loop.warm.IntLanes.EVEN;
import static aulos.kernels.cpu.loop.warm.IntLanes.ODD;
import static aulos.kernels.cpu.loop.warm.IntLanes.indices;
import static aulos.kernels.cpu.loop.warm.IntLanes.load;
import static aulos.kernels.cpu.loop.warm.IntLanes.store;
import static aulos.kernels.cpu.run.Lanes.S;

import jdk.incubator.vector.IntVector;

/**
 * The vector loops behind {@code Phases}: each does whole vectors only and returns how many elements of a phase it did.
 */
public final class PhasesVector {
    private static final int N = S.length();
    private static final IntVector LOW = indices(i -> i / 2 + i % 2 * N);
    private static final IntVector HIGH = indices(i -> N / 2 + i / 2 + i % 2 * N);

    private PhasesVector() {}

    public static int split(float[] x, int at, int count, float[] to, int toAt, int stride) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += N) {
            int from = at + 8 * i;
            int q = toAt + i;
            IntVector a = load(x, from);
            IntVector b = load(x, from + N);
            IntVector c = load(x, from + 2 * N);
            IntVector d = load(x, from + 3 * N);
            IntVector e = load(x, from + 4 * N);
            IntVector f = load(x, from + 5 * N);
            IntVector g = load(x, from + 6 * N);
            IntVector h = load(x, from + 7 * N);
            IntVector ab = EVEN.selectFrom(a, b);
            IntVector cd = EVEN.selectFrom(c, d);
            IntVector ef = EVEN.selectFrom(e, f);
            IntVector gh = EVEN.selectFrom(g, h);
            IntVector low = EVEN.selectFrom(ab, cd);
            IntVector high = EVEN.selectFrom(ef, gh);
            store(EVEN.selectFrom(low, high), to, q);
            store(ODD.selectFrom(low, high), to, q + 4 * stride);
            low = ODD.selectFrom(ab, cd);
            high = ODD.selectFrom(ef, gh);
            store(EVEN.selectFrom(low, high), to, q + 2 * stride);
            store(ODD.selectFrom(low, high), to, q + 6 * stride);
            ab = ODD.selectFrom(a, b);
            cd = ODD.selectFrom(c, d);
            ef = ODD.selectFrom(e, f);
            gh = ODD.selectFrom(g, h);
            low = EVEN.selectFrom(ab, cd);
            high = EVEN.selectFrom(ef, gh);
            store(EVEN.selectFrom(low, high), to, q + stride);
            store(ODD.selectFrom(low, high), to, q + 5 * stride);
            low = ODD.selectFrom(ab, cd);
            high = ODD.selectFrom(ef, gh);
            store(EVEN.selectFrom(low, high), to, q + 3 * stride);
            store(ODD.selectFrom(low, high), to, q + 7 * stride);
        }
        return bound;
    }

    public static int join(float[] x, int at, int stride, int count, float[] to, int toAt) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += N) {
            int from = at + i;
            int q = toAt + 8 * i;
            IntVector a = load(x, from);
            IntVector b = load(x, from + stride);
            IntVector c = load(x, from + 2 * stride);
            IntVector d = load(x, from + 3 * stride);
            IntVector e = load(x, from + 4 * stride);
            IntVector f = load(x, from + 5 * stride);
            IntVector g = load(x, from + 6 * stride);
            IntVector h = load(x, from + 7 * stride);
            IntVector ae = LOW.selectFrom(a, e);
            IntVector cg = LOW.selectFrom(c, g);
            IntVector bf = LOW.selectFrom(b, f);
            IntVector dh = LOW.selectFrom(d, h);
            IntVector even = LOW.selectFrom(ae, cg);
            IntVector odd = LOW.selectFrom(bf, dh);
            store(LOW.selectFrom(even, odd), to, q);
            store(HIGH.selectFrom(even, odd), to, q + N);
            even = HIGH.selectFrom(ae, cg);
            odd = HIGH.selectFrom(bf, dh);
            store(LOW.selectFrom(even, odd), to, q + 2 * N);
            store(HIGH.selectFrom(even, odd), to, q + 3 * N);
            ae = HIGH.selectFrom(a, e);
            cg = HIGH.selectFrom(c, g);
            bf = HIGH.selectFrom(b, f);
            dh = HIGH.selectFrom(d, h);
            even = LOW.selectFrom(ae, cg);
            odd = LOW.selectFrom(bf, dh);
            store(LOW.selectFrom(even, odd), to, q + 4 * N);
            store(HIGH.selectFrom(even, odd), to, q + 5 * N);
            even = HIGH.selectFrom(ae, cg);
            odd = HIGH.selectFrom(bf, dh);
            store(LOW.selectFrom(even, odd), to, q + 6 * N);
            store(HIGH.selectFrom(even, odd), to, q + 7 * N);
        }
        return bound;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.hot;

import static aulos.kernels.cpu.run.Lanes.EVEN;
import static aulos.kernels.cpu.run.Lanes.ODD;
import static aulos.kernels.cpu.run.Lanes.S;
import static aulos.kernels.cpu.run.Lanes.load;
import static aulos.kernels.cpu.run.Lanes.store;

import aulos.kernels.cpu.loop.warm.TanhVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/** The vector loops behind {@code Rows}: each does whole vectors only and returns how many elements of a row it did. */
public final class RowsVector {
    private static final int N = S.length();
    private static final VectorShuffle<Float> ZIP_LOW = VectorShuffle.makeZip(S, 0);
    private static final VectorShuffle<Float> ZIP_HIGH = VectorShuffle.makeZip(S, 1);

    private RowsVector() {}

    public static int leakyRelu(float[] from, int start, float[] to, int at, int count, float slope) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += S.length()) {
            FloatVector x = FloatVector.fromArray(S, from, start + i);
            x.mul(slope).blend(x, x.compare(VectorOperators.GT, 0)).intoArray(to, at + i);
        }
        return bound;
    }

    public static int add(float[] from, int start, int fromStep, float[] to, int at, int toStep, int rows, int count,
            float scale) {
        int bound = S.loopBound(count);
        for (int row = 0; row < rows; row++) {
            int source = start + row * fromStep;
            int target = at + row * toStep;
            for (int i = 0; i < bound; i += S.length()) {
                FloatVector x = FloatVector.fromArray(S, from, source + i);
                FloatVector.fromArray(S, to, target + i).add(x).mul(scale).intoArray(to, target + i);
            }
        }
        return bound;
    }

    public static int add(float[] from, int start, float[] line, int at, float scale, float[] to, int place, int count) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += S.length()) {
            FloatVector x = FloatVector.fromArray(S, from, start + i);
            FloatVector.fromArray(S, line, at + i).add(x).mul(scale).intoArray(to, place + i);
        }
        return bound;
    }

    public static int tanh(float[] y, int offset, int count) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += S.length()) {
            TanhVector.of(FloatVector.fromArray(S, y, offset + i)).intoArray(y, offset + i);
        }
        return bound;
    }

    public static int zip(float[] from, int a, int b, int count, float[] to, int at) {
        int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += S.length()) {
            FloatVector x = FloatVector.fromArray(S, from, a + i);
            FloatVector y = FloatVector.fromArray(S, from, b + i);
            x.rearrange(ZIP_LOW, y).intoArray(to, at + 2 * i);
            x.rearrange(ZIP_HIGH, y).intoArray(to, at + 2 * i + S.length());
        }
        return bound;
    }

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

    /** One vector of each row. */
    public static void carry(float[] y, int at, int from, int step, int rows) {
        for (int to = at; to < at + rows * step; to += step) {
            FloatVector.fromArray(S, y, to + from).intoArray(y, to);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

/** Splits a signal into its {@value #COUNT} phases (every 8th sample) and joins them again. */
public final class Phases {
    public static final int COUNT = 8;

    private Phases() {}

    /** to[toAt + r·stride + i] = x[at + 8i + r] for i from 0 to {@code count} − 1. */
    public static void split(float[] x, int at, int count, float[] to, int toAt, int stride) {
        int done = Vectors.split(x, at, count, to, toAt, stride);
        plainSplit(x, at, done, count, to, toAt, stride);
    }

    /** The plain-loop twin, from {@code done} on. */
    static void plainSplit(float[] x, int at, int done, int count, float[] to, int toAt, int stride) {
        for (int i = done; i < count; i++) {
            for (int r = 0; r < COUNT; r++) {
                to[toAt + r * stride + i] = x[at + i * COUNT + r];
            }
        }
    }

    /** The inverse: to[toAt + 8i + r] = x[at + r·stride + i]. */
    public static void join(float[] x, int at, int stride, int count, float[] to, int toAt) {
        int done = Vectors.join(x, at, stride, count, to, toAt);
        plainJoin(x, at, stride, done, count, to, toAt);
    }

    /** The plain-loop twin, from {@code done} on. */
    static void plainJoin(float[] x, int at, int stride, int done, int count, float[] to, int toAt) {
        for (int i = done; i < count; i++) {
            for (int r = 0; r < COUNT; r++) {
                to[toAt + i * COUNT + r] = x[at + r * stride + i];
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** Pointwise work on stretches of an array that convolutions do in passing. */
final class Rows {
    private Rows() {}

    /** to[at + i] = leakyRelu(from[start + i·step]) for i from 0 to {@code count} − 1; slope 1 copies. */
    static void leakyCopy(float[] from, int start, int step, float[] to, int at, int count, float slope) {
        int done = 0;
        if (step == 1) {
            if (slope == 1) {
                System.arraycopy(from, start, to, at, count);
                return;
            }
            if (Simd.ENABLED) {
                done = VectorRows.leakyCopy(from, start, to, at, count, slope);
            }
        }
        for (int i = done; i < count; i++) {
            float x = from[start + i * step];
            to[at + i] = x > 0 ? x : x * slope;
        }
    }

    static void tanh(float[] y, int offset, int count) {
        int done = Simd.ENABLED ? VectorRows.tanh(y, offset, count) : 0;
        for (int i = done; i < count; i++) {
            y[offset + i] = Tanh.of(y[offset + i]);
        }
    }
}

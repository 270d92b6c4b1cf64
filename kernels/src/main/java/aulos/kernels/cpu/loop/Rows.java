// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.plain.Tanh;

/** Pointwise work on stretches of an array that convolutions do in passing. */
public final class Rows {
    private Rows() {}

    /** to[at + i] = leakyRelu(from[start + i·step]) for i from 0 to {@code count} − 1; slope 1 copies. */
    public static void leakyCopy(float[] from, int start, int step, float[] to, int at, int count, float slope) {
        if (step > 1) {
            // The ReLU comes after: mixed in here it would be a branch that nobody can predict.
            int done = Vectors.every(step, from, start, to, at, count);
            for (int i = done; i < count; i++) {
                to[at + i] = from[start + i * step];
            }
            leakyRelu(to, at, to, at, count, slope);
        } else {
            leakyRelu(from, start, to, at, count, slope);
        }
    }

    private static void leakyRelu(float[] from, int start, float[] to, int at, int count, float slope) {
        if (slope == 1) {
            if (from != to || start != at) {
                System.arraycopy(from, start, to, at, count);
            }
            return;
        }
        int done = Vectors.leakyRelu(from, start, to, at, count, slope);
        for (int i = done; i < count; i++) {
            float x = from[start + i];
            to[at + i] = x > 0 ? x : x * slope;
        }
    }

    /** to[at + r·toStep + i] = (to[at + r·toStep + i] + from[start + r·fromStep + i]) · scale: for all rows r and all i below count. */
    public static void add(float[] from, int start, int fromStep, float[] to, int at, int toStep, int rows, int count,
            float scale) {
        int done = Vectors.add(from, start, fromStep, to, at, toStep, rows, count, scale);
        for (int row = 0; row < rows && done < count; row++) {
            int source = start + row * fromStep;
            int target = at + row * toStep;
            for (int i = done; i < count; i++) {
                to[target + i] = (to[target + i] + from[source + i]) * scale;
            }
        }
    }

    /** to[place + i] = (from[start + i] + line[at + i]) · scale for i from 0 to {@code count} − 1. */
    public static void add(float[] from, int start, float[] line, int at, float scale, float[] to, int place, int count) {
        int done = Vectors.add(from, start, line, at, scale, to, place, count);
        for (int i = done; i < count; i++) {
            to[place + i] = (line[at + i] + from[start + i]) * scale;
        }
    }

    public static void tanh(float[] y, int offset, int count) {
        int done = Vectors.tanh(y, offset, count);
        for (int i = done; i < count; i++) {
            y[offset + i] = Tanh.of(y[offset + i]);
        }
    }

    /**
     * Transposes [count, length] from {@code at} on to [length, count]: turns {@code count} phases of a signal into the
     * signal. The result is in the array that is returned, one of the two given, from {@code at} on; the other is spoilt.
     */
    public static float[] interleave(float[] phases, float[] spare, int at, int count, int length) {
        float[] from = phases;
        float[] to = spare;
        int rows = count;
        int width = length;
        // Zipping row r with row r + rows/2 halves the number of rows; an odd number is left to the plain loop.
        for (; rows % 2 == 0; rows /= 2, width *= 2) {
            for (int r = 0; r < rows / 2; r++) {
                zip(from, at + r * width, at + (r + rows / 2) * width, width, to, at + 2 * r * width);
            }
            float[] swap = from;
            from = to;
            to = swap;
        }
        if (rows == 1) {
            return from;
        }
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < width; i++) {
                to[at + i * rows + r] = from[at + r * width + i];
            }
        }
        return to;
    }

    private static void zip(float[] from, int a, int b, int count, float[] to, int at) {
        int done = Vectors.zip(from, a, b, count, to, at);
        for (int i = done; i < count; i++) {
            to[at + 2 * i] = from[a + i];
            to[at + 2 * i + 1] = from[b + i];
        }
    }

    /**
     * The inverse for a {@code count} that is a power of two: transposes [length, count] to [count, length]. The result is
     * in the array that is returned, one of the two given; the other is spoilt.
     */
    public static float[] separate(float[] signal, float[] spare, int at, int count, int length) {
        float[] from = signal;
        float[] to = spare;
        for (int rows = 1, width = count * length / 2; rows < count; rows *= 2, width /= 2) {
            for (int r = 0; r < rows; r++) {
                unzip(from, at + 2 * r * width, width, to, at + r * width, at + (r + rows) * width);
            }
            float[] swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    private static void unzip(float[] from, int start, int count, float[] to, int even, int odd) {
        int done = Vectors.unzip(from, start, count, to, even, odd);
        for (int i = done; i < count; i++) {
            to[even + i] = from[start + 2 * i];
            to[odd + i] = from[start + 2 * i + 1];
        }
    }

    /**
     * to[at + i·toStep + r] = from[start + i·step + r·rowStep] for i from 0 to {@code count} − 1 and r from 0 to
     * {@code rows} − 1. Plain loops: the shuffles of a vector transpose cost several times as much.
     */
    public static void interleaveRows(float[] from, int start, int step, int rowStep, int rows, int count, float[] to, int at,
            int toStep) {
        if (rows != 8) {
            for (int i = 0; i < count; i++) {
                for (int r = 0; r < rows; r++) {
                    to[at + i * toStep + r] = from[start + i * step + r * rowStep];
                }
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            int f = start + i * step;
            int t = at + i * toStep;
            to[t] = from[f];
            to[t + 1] = from[f + rowStep];
            to[t + 2] = from[f + 2 * rowStep];
            to[t + 3] = from[f + 3 * rowStep];
            to[t + 4] = from[f + 4 * rowStep];
            to[t + 5] = from[f + 5 * rowStep];
            to[t + 6] = from[f + 6 * rowStep];
            to[t + 7] = from[f + 7 * rowStep];
        }
    }

    /** As {@link #interleaveRows} of a step of 1, for any number of rows, eight at a time. */
    public static void turn(float[] from, int start, int rowStep, int rows, int count, float[] to, int at, int toStep) {
        for (int r = 0; r < rows; r += 8) {
            interleaveRows(from, start + r * rowStep, 1, rowStep, Math.min(8, rows - r), count, to, at + r, toStep);
        }
    }

    /** y[at + r·step + i] = y[at + from + r·step + i] for i from 0 to {@code count} − 1 and r from 0 to {@code rows} − 1. */
    static void carry(float[] y, int at, int from, int step, int rows, int count) {
        if (Vectors.carry(y, at, from, step, rows, count)) {
            return;
        }
        for (int row = at; row < at + rows * step; row += step) {
            System.arraycopy(y, row + from, y, row, count);
        }
    }

    /** to[at + r] = from[start + places[r]] for every r. */
    public static void pick(float[] from, int start, int[] places, float[] to, int at) {
        if (places.length != 8) {
            for (int r = 0; r < places.length; r++) {
                to[at + r] = from[start + places[r]];
            }
            return;
        }
        to[at] = from[start + places[0]];
        to[at + 1] = from[start + places[1]];
        to[at + 2] = from[start + places[2]];
        to[at + 3] = from[start + places[3]];
        to[at + 4] = from[start + places[4]];
        to[at + 5] = from[start + places[5]];
        to[at + 6] = from[start + places[6]];
        to[at + 7] = from[start + places[7]];
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.hot.PhasesVector;
import aulos.kernels.cpu.loop.hot.RowsVector;
import aulos.kernels.cpu.loop.hot.TapsVector;
import aulos.kernels.cpu.loop.warm.CorrelationVector;
import aulos.kernels.cpu.loop.warm.LaneVector;
import aulos.kernels.cpu.loop.warm.PairVector;
import aulos.kernels.cpu.loop.warm.PanelVector;
import aulos.kernels.cpu.run.Simd;

/**
 * The one place that asks whether this JVM has vectors, for all loops but those that the build writes, which ask by
 * themselves. The loops of {@link Rows} and {@link Phases} return how many elements of a row vectors did, whole vectors of
 * them; the others whether vectors did it. Without vectors, that is none, and the caller's plain loop does all.
 */
final class Vectors {
    private Vectors() {}

    static int leakyRelu(float[] from, int start, float[] to, int at, int count, float slope) {
        return Simd.ENABLED ? RowsVector.leakyRelu(from, start, to, at, count, slope) : 0;
    }

    static int add(float[] from, int start, int fromStep, float[] to, int at, int toStep, int rows, int count, float scale) {
        return Simd.ENABLED ? RowsVector.add(from, start, fromStep, to, at, toStep, rows, count, scale) : 0;
    }

    static int add(float[] from, int start, float[] line, int at, float scale, float[] to, int place, int count) {
        return Simd.ENABLED ? RowsVector.add(from, start, line, at, scale, to, place, count) : 0;
    }

    static int tanh(float[] y, int offset, int count) {
        return Simd.ENABLED ? RowsVector.tanh(y, offset, count) : 0;
    }

    static int every(int step, float[] x, int at, float[] to, int toAt, int count) {
        return Simd.ENABLED ? RowsVector.every(step, x, at, to, toAt, count) : 0;
    }

    static int zip(float[] from, int a, int b, int count, float[] to, int at) {
        return Simd.ENABLED ? RowsVector.zip(from, a, b, count, to, at) : 0;
    }

    static int unzip(float[] x, int at, int count, float[] to, int even, int odd) {
        return Simd.ENABLED ? RowsVector.unzip(x, at, count, to, even, odd) : 0;
    }

    /** Moves {@code count} elements of each row, if that is a vector. */
    static boolean carry(float[] y, int at, int from, int step, int rows, int count) {
        boolean carries = Simd.ENABLED && count == Simd.WIDTH;
        if (carries) {
            RowsVector.carry(y, at, from, step, rows);
        }
        return carries;
    }

    static int split(float[] x, int at, int count, float[] to, int toAt, int stride) {
        return Simd.ENABLED ? PhasesVector.split(x, at, count, to, toAt, stride) : 0;
    }

    static int join(float[] x, int at, int stride, int count, float[] to, int toAt) {
        return Simd.ENABLED ? PhasesVector.join(x, at, stride, count, to, toAt) : 0;
    }

    /** {@link MicroTile#run}. */
    static boolean taps(int rows, float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, float[] start,
            int startOffset, float[] y, int yOffset, int yStride) {
        if (!Simd.ENABLED) {
            return false;
        }
        switch (rows) {
            case 1 -> TapsVector.tile1x8(x, xOffset, offsets, count, w, wOffset, start[startOffset], y, yOffset);
            case 4 -> TapsVector.tile4x2(
                    x, xOffset, offsets, count, w, wOffset, start, startOffset, y, yOffset, yStride);
            case 8 -> TapsVector.tile8x2(
                    x, xOffset, offsets, count, w, wOffset, start, startOffset, y, yOffset, yStride);
            default -> throw new IllegalStateException("no micro-kernel has " + rows + " rows");
        }
        return true;
    }

    /** {@link LaneTile#add}. */
    static boolean lanes(float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, int from, int end, int width,
            float sign, float[] sums, int sumAt) {
        if (!Simd.ENABLED) {
            return false;
        }
        if (width == Simd.WIDTH) {
            LaneVector.add8x1(w, wAt, wPlaces, x, xAt, xPlaces, from, end, sign, sums, sumAt);
        } else {
            LaneVector.add8x2(w, wAt, wPlaces, x, xAt, xPlaces, from, end, sign, sums, sumAt);
        }
        return true;
    }

    /** {@link LaneTile#addPairs}. */
    static boolean pairs(float[] x, int[] offsets, int row, int[] places, int from, int count, float[] g, int at, int width,
            float[] sums, int sumAt) {
        if (!Simd.ENABLED) {
            return false;
        }
        if (width == Simd.WIDTH) {
            PairVector.add8x1(x, offsets, row, places, from, count, g, at, sums, sumAt);
        } else {
            PairVector.add8x2(x, offsets, row, places, from, count, g, at, sums, sumAt);
        }
        return true;
    }

    /** {@link CorrelationTile#run}. */
    static boolean correlation(float[] gradient, int[] gOffsets, float[] input, int[] xOffsets, int first, int from,
            int columns, float[] sums, int sumOffset) {
        if (Simd.ENABLED) {
            CorrelationVector.tile4x4(gradient, gOffsets, input, xOffsets, first, from, columns, sums, sumOffset);
        }
        return Simd.ENABLED;
    }

    /** {@link PanelTile#run}. */
    static boolean panel(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        for (int column = 0; Simd.ENABLED && column < PanelTile.WIDTH; column += 2 * Simd.WIDTH) {
            PanelVector.tile6x2(a, ao, rows, b, bo + column, PanelTile.WIDTH, depth, c, co + column, pitch);
        }
        return Simd.ENABLED;
    }
}

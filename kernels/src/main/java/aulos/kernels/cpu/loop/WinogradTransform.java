// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.run.Simd;

/** Applies a {@link WinogradForm} to inputs and to products, for many tiles that lie side by side. */
public final class WinogradTransform {
    /** Tiles side by side in a matrix product. */
    public static final int WIDTH = Simd.floats(2, 32);
    /** Outputs may be shifted by so many tiles, at most. */
    public static final int MAX_SHIFT = 16;
    /** From one channel of outputs to the next. */
    public static final int Y_ROW = WIDTH + MAX_SHIFT;
    private static final int PIECES = WinogradForm.TILE / WinogradForm.PIECE;

    private final int points;
    private final int outerPoints;
    private final int[][] first;
    private final int[][] second;
    private final int[] sign;

    /** @param offsets where the samples of a tile lie, from where the tile is */
    public WinogradTransform(WinogradForm form, int[] offsets) {
        points = form.inner.points();
        outerPoints = form.outer.points();
        sign = form.sign;
        first = new int[outerPoints][points];
        second = new int[outerPoints][points];
        for (int o = 0; o < outerPoints; o++) {
            for (int s = 0; s < points; s++) {
                first[o][s] = offsets[form.first[o] * WinogradForm.PIECE + s];
                second[o][s] = offsets[form.second[o] * WinogradForm.PIECE + s];
            }
        }
    }

    /**
     * Transforms {@code count} tiles, whole vectors of them: sample s of tile i is x[at + offsets[s] + i], what it
     * becomes v[vAt + (o·points + p)·vPoint + i] for outer point o and inner point p.
     */
    public void input(float[] x, int at, float[] v, int vAt, int vPoint, int count) {
        for (int o = 0; o < outerPoints; o++) {
            input(o, x, at, v, vAt + o * points * vPoint, vPoint, count);
        }
    }

    /** Of outer point {@code o} alone: v[vAt + p·vPoint + i]. */
    public void input(int o, float[] x, int at, float[] v, int vAt, int vPoint, int count) {
        if (points == 6) {
            Winograd.inputOfSix(x, at, first[o], v, vAt, vPoint, count);
        } else {
            Winograd.inputOfSeven(x, at, first[o], second[o], sign[o], v, vAt, vPoint, count);
        }
    }

    /**
     * Turns products m[mAt + ((o·points + p)·rows + row)·WIDTH + i] into outputs: y[row·Y_ROW + offsets[j] + i] is output
     * j of tile i, with bias[biasAt + row] added.
     */
    public void output(float[] m, int mAt, int rows, float[] bias, int biasAt, float[] y, int[] offsets) {
        int mPoint = rows * WIDTH;
        int step = points * mPoint;
        for (int piece = 0; piece < PIECES; piece++) {
            int at = mAt + piece * step;
            int j = piece * WinogradForm.PIECE;
            if (points == 6) {
                Winograd.outputOfSix(m, at, mPoint, bias, biasAt, y, 0, offsets, j, rows, WIDTH, Y_ROW, WIDTH);
            } else {
                Winograd.outputOfSeven(m, at, mPoint, step, weight1(piece), next2() * step, weight2(), bias, biasAt, y, 0,
                        offsets, j, rows, WIDTH, Y_ROW, WIDTH);
            }
        }
    }

    // The outer form's sums: m₀ + m₁ and m₁ + m₂ for two taps, m₀ + m₁ + m₂ and m₁ − m₂ + m₃ for three.

    private float weight1(int piece) {
        return outerPoints == 4 && piece == 1 ? -1 : 1;
    }

    private int next2() {
        return outerPoints == 4 ? 2 : 1;
    }

    private float weight2() {
        return outerPoints == 4 ? 1 : 0;
    }

    /** What multiplies {@link #WIDTH} tiles at a time. */
    public static MicroTile tile(int outRows) {
        return Simd.WIDTH == 1 ? new MicroTile(1, WIDTH) : MicroTile.forRows(outRows);
    }

    /** Moves outputs that are shifted beyond a step's tiles, in {@code rows} rows, to where the next step goes on. */
    public static void carry(float[] y, int at, int rows) {
        Rows.carry(y, at, WIDTH, Y_ROW, rows, MAX_SHIFT);
    }
}

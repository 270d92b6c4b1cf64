// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.hot.WinogradVector;
import aulos.kernels.cpu.run.Simd;

/**
 * Applies a {@link WinogradForm} to inputs and to products, for many tiles that lie side by side. {@link
 * WinogradVector} and the plain loops here do the same arithmetic in the same order, so they give the same bits.
 */
public final class WinogradTransform {
    /** Tiles side by side in a matrix product. */
    public static final int WIDTH = Simd.ENABLED ? 2 * Simd.WIDTH : 32;
    /** Outputs may be shifted by so many tiles, at most. */
    public static final int MAX_SHIFT = WinogradVector.MAX_SHIFT;
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
        if (!Simd.ENABLED) {
            for (int i = 0; i < count; i++) {
                plainInput(x, at + i, o, v, vAt + i, vPoint);
            }
        } else if (points == 6) {
            WinogradVector.inputOfSix(x, at, first[o], v, vAt, vPoint, count);
        } else {
            WinogradVector.inputOfSeven(x, at, first[o], second[o], sign[o], v, vAt, vPoint, count);
        }
    }

    /** The plain-loop twin. */
    void plainInput(float[] x, int at, float[] v, int vAt, int vPoint, int count) {
        for (int o = 0; o < outerPoints; o++) {
            for (int i = 0; i < count; i++) {
                plainInput(x, at + i, o, v, vAt + o * points * vPoint + i, vPoint);
            }
        }
    }

    private void plainInput(float[] x, int at, int o, float[] v, int to, int vPoint) {
        float[] d = new float[points];
        for (int s = 0; s < points; s++) {
            d[s] = x[at + first[o][s]];
            if (points == 7) {
                d[s] = Math.fma(x[at + second[o][s]], sign[o], d[s]);
            }
        }
        plainPoints(d, v, to, vPoint);
    }

    /** B of one of the two forms, by the number of samples in {@code d}, which it spoils. */
    static void plainPoints(float[] d, float[] v, int to, int vPoint) {
        if (d.length == 7) {
            v[to + 5 * vPoint] = Math.fma(d[1], 4, Math.fma(d[3], -5, d[5]));
            for (int s = 0; s < 6; s++) {
                d[s] = Math.fma(d[s], -0.5f, d[s + 1]);
            }
        }
        v[to] = Math.fma(d[0], 4, Math.fma(d[2], -5, d[4]));
        float even = Math.fma(d[2], -4, d[4]);
        float odd = Math.fma(d[1], -4, d[3]);
        v[to + vPoint] = even + odd;
        v[to + 2 * vPoint] = even - odd;
        even = d[4] - d[2];
        odd = d[3] - d[1];
        v[to + 3 * vPoint] = Math.fma(odd, 2, even);
        v[to + 4 * vPoint] = Math.fma(odd, -2, even);
        v[to + (d.length - 1) * vPoint] = Math.fma(d[1], 4, Math.fma(d[3], -5, d[5]));
    }

    /**
     * Turns products m[mAt + ((o·points + p)·rows + row)·WIDTH + i] into outputs: y[row·Y_ROW + offsets[j] + i] is output
     * j of tile i, with bias[biasAt + row] added.
     */
    public void output(float[] m, int mAt, int rows, float[] bias, int biasAt, float[] y, int[] offsets) {
        if (!Simd.ENABLED) {
            plainOutput(m, mAt, rows, bias, biasAt, y, offsets);
            return;
        }
        int mPoint = rows * WIDTH;
        int step = points * mPoint;
        for (int piece = 0; piece < PIECES; piece++) {
            int at = mAt + piece * step;
            int j = piece * WinogradForm.PIECE;
            for (int i = 0; i < WIDTH; i += Simd.WIDTH) {
                if (points == 6) {
                    WinogradVector.outputOfSix(m, at + i, mPoint, bias, biasAt, y, i, offsets, j, rows);
                } else {
                    WinogradVector.outputOfSeven(m, at + i, mPoint, step, weight1(piece), next2() * step, weight2(),
                            bias, biasAt, y, i, offsets, j, rows);
                }
            }
        }
    }

    /** The plain-loop twin. */
    void plainOutput(float[] m, int mAt, int rows, float[] bias, int biasAt, float[] y, int[] offsets) {
        int step = points * rows * WIDTH;
        float[] sums = new float[points];
        for (int piece = 0; piece < PIECES; piece++) {
            for (int i = 0; i < rows * WIDTH; i++) {
                for (int p = 0; p < points; p++) {
                    int at = mAt + piece * step + p * rows * WIDTH + i;
                    sums[p] = points == 6 ? m[at] : Math.fma(m[at + next2() * step], weight2(),
                            Math.fma(m[at + step], weight1(piece), m[at]));
                }
                plainOutput(sums, bias[biasAt + i / WIDTH], y, i / WIDTH * Y_ROW + i % WIDTH, offsets,
                        piece * WinogradForm.PIECE);
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

    /** Moves outputs that are shifted beyond a step's tiles, in {@code rows} rows, to where the next step goes on. */
    public static void carry(float[] y, int at, int rows) {
        if (Simd.ENABLED && Simd.WIDTH == MAX_SHIFT) {
            WinogradVector.carry(y, at, rows);
            return;
        }
        for (int row = 0; row < rows; row++) {
            System.arraycopy(y, at + row * Y_ROW + WIDTH, y, at + row * Y_ROW, MAX_SHIFT);
        }
    }

    private static void plainOutput(float[] m, float bias, float[] y, int at, int[] offsets, int j) {
        float even1 = m[1] + m[2] + bias;
        float odd1 = m[1] - m[2] + bias;
        float even2 = m[3] + m[4];
        float odd2 = m[3] - m[4];
        float y0 = m[0] + even1 + even2;
        float y1 = Math.fma(odd2, 2, odd1);
        float y2 = Math.fma(even2, 4, even1);
        float y3 = Math.fma(odd2, 8, odd1) + m[m.length - 1];
        if (m.length == 7) {
            y0 += m[5];
            y1 = Math.fma(m[5], 0.5f, y1);
            y2 = Math.fma(m[5], 0.25f, y2);
            y3 = Math.fma(m[5], 0.125f, y3);
        }
        y[at + offsets[j]] = y0;
        y[at + offsets[j + 1]] = y1;
        y[at + offsets[j + 2]] = y2;
        y[at + offsets[j + 3]] = y3;
    }
}

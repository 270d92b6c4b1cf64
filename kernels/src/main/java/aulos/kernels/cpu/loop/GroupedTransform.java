// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.loop.warm.GroupedVector;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.Simd;

/**
 * The {@link WinogradForm} of 12 taps, 28 products for 8 outputs, with channels side by side instead of tiles: what weights
 * and products go through, as there are more channels than tiles in the layers of {@code GroupedConvolution}. Vector and
 * plain loops do the same arithmetic in the same order, so they give the same bits.
 */
public final class GroupedTransform {
    public static final int TILE = WinogradForm.TILE;
    /** Taps: groups of {@value #INNER_TAPS}. */
    public static final int TAPS = 12;
    public static final int INNER_TAPS = 4;
    /** Points of the outer form: 0, 1, −1 and ∞. */
    public static final int OUTER = 4;
    private static final int INNER = ToomTransform.POINTS;
    public static final int POINTS = OUTER * INNER;
    /** The product that is added to each output, once: that of point 1 of both forms. */
    public static final int ONES = INNER + 1;
    /** Samples that a tile reads. */
    public static final int SPAN = TILE + TAPS - 1;

    private static final WinogradForm FORM = new WinogradForm(TAPS);

    private GroupedTransform() {}

    /** Of tiles side by side, of which sample s lies {@code offsets[s]} further on. */
    public static WinogradTransform input(int[] offsets) {
        return new WinogradTransform(FORM, offsets);
    }

    /**
     * 12 taps, {@code count} numbers each, whole vectors of them, to 28 points.
     *
     * @param outer memory for 16·{@code step} behind {@link Scratch#ORIGIN}
     */
    public static void filter(float[] g, int at, int step, float[] outer, float[] u, int uAt, int uPoint, int count) {
        int group = INNER_TAPS * step;
        for (int tap = 0; tap < INNER_TAPS; tap++) {
            int to = Scratch.ORIGIN + tap * step;
            if (Simd.ENABLED) {
                GroupedVector.outerFilter(g, at + tap * step, group, outer, to, group, count);
            } else {
                plainOuterFilter(g, at + tap * step, group, outer, to, group, count);
            }
        }
        for (int o = 0; o < OUTER; o++) {
            ToomTransform.filter(INNER_TAPS, outer, Scratch.ORIGIN + o * group, step, u, uAt + o * INNER * uPoint, uPoint,
                    count);
        }
    }

    static void plainOuterFilter(float[] g, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i++) {
            float g0 = g[at + i];
            float g1 = g[at + step + i];
            float g2 = g[at + 2 * step + i];
            float even = g0 + g2;
            to[toAt + i] = -g0;
            to[toAt + toStep + i] = (even + g1) * 0.5f;
            to[toAt + 2 * toStep + i] = (even - g1) * 0.5f;
            to[toAt + 3 * toStep + i] = g2;
        }
    }

    /**
     * The transposed form: 8 columns of {@code count} channels that lie side by side, to the 7 points of outer point
     * {@code o}. The factors are those of {@link ToomTransform#filter} here, and of {@link #outerTaps} when sums are turned
     * back, so that each counts once.
     *
     * @param pieces memory for half the columns behind {@link Scratch#ORIGIN}
     */
    public static void columns(int o, float[] g, int at, float[] pieces, float[] u, int uAt, int uPoint, int count) {
        int half = WinogradForm.PIECE * count;
        float[] from = g;
        int start = o == 0 ? at : at + half;
        if (o == 1 || o == 2) {
            from = pieces;
            start = Scratch.ORIGIN;
            if (Simd.ENABLED) {
                GroupedVector.addPieces(g, at, at + half, o == 1 ? 1 : -1, pieces, start, half);
            } else {
                plainAddPieces(g, at, at + half, o == 1 ? 1 : -1, pieces, start, half);
            }
        }
        ToomTransform.filter(WinogradForm.PIECE, from, start, count, u, uAt, uPoint, count);
    }

    /** to[at + i] = g[first + i] + sign · g[second + i]. */
    static void plainAddPieces(float[] g, int first, int second, float sign, float[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = Math.fma(g[second + i], sign, g[first + i]);
        }
    }

    /** What the 4 outer points' sums have become, {@code step} apart, to a tap of each group, {@code toStep} apart. */
    public static void outerTaps(float[] t, int at, int step, float[] to, int toAt, int toStep, int count) {
        if (Simd.ENABLED) {
            GroupedVector.outerTaps(t, at, step, to, toAt, toStep, count);
        } else {
            plainOuterTaps(t, at, step, to, toAt, toStep, count);
        }
    }

    static void plainOuterTaps(float[] t, int at, int step, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i++) {
            float t1 = t[at + step + i];
            float t2 = t[at + 2 * step + i];
            float even = (t1 + t2) * 0.5f;
            to[toAt + i] = even - t[at + i];
            to[toAt + toStep + i] = (t1 - t2) * 0.5f;
            to[toAt + 2 * toStep + i] = even + t[at + 3 * step + i];
        }
    }

    /** 28 points of a tile, m[at + point·mPoint + i], to 8 outputs, y[yAt + output·step + i]; whole vectors. */
    public static void outputs(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        int next = INNER * mPoint;
        int half = WinogradForm.PIECE * step;
        if (Simd.ENABLED) {
            GroupedVector.outputs(m, at, mPoint, next, 1, y, yAt, step, count);
            GroupedVector.outputs(m, at + next, mPoint, next, -1, y, yAt + half, step, count);
        } else {
            plainOutputs(m, at, mPoint, next, 1, y, yAt, step, count);
            plainOutputs(m, at + next, mPoint, next, -1, y, yAt + half, step, count);
        }
    }

    /** Of the outer points, m[at] + sign · m[at + next] + m[at + 2·next] are added up first. */
    static void plainOutputs(float[] m, int at, int mPoint, int next, float sign, float[] y, int yAt, int step,
            int count) {
        float[] s = new float[INNER];
        for (int i = 0; i < count; i++) {
            for (int p = 0; p < INNER; p++) {
                int from = at + p * mPoint + i;
                s[p] = Math.fma(m[from + next], sign, m[from]) + m[from + 2 * next];
            }
            float even1 = s[1] + s[2];
            float odd1 = s[1] - s[2];
            float even2 = s[3] + s[4];
            float odd2 = s[3] - s[4];
            int to = yAt + i;
            y[to] = s[0] + even1 + even2 + s[5];
            y[to + step] = Math.fma(s[5], 0.5f, Math.fma(odd2, 2, odd1));
            y[to + 2 * step] = Math.fma(s[5], 0.25f, Math.fma(even2, 4, even1));
            y[to + 3 * step] = Math.fma(s[5], 0.125f, Math.fma(odd2, 8, odd1)) + s[6];
        }
    }
}

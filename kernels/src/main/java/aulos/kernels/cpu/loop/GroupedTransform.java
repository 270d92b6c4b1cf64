// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.kernels.cpu.run.Workspace.Scratch;

/**
 * The {@link WinogradForm} of 12 taps, 28 products for 8 outputs, with channels side by side instead of tiles: what weights
 * and products go through, as there are more channels than tiles in the layers of {@code GroupedConvolution}.
 */
public final class GroupedTransform {
    public static final int TILE = WinogradForm.TILE;
    /** Taps: groups of {@value #INNER_TAPS}. */
    public static final int TAPS = 12;
    public static final int INNER_TAPS = 4;
    /** Points of the outer form: 0, 1, −1 and ∞. */
    public static final int OUTER = 4;
    private static final int INNER = SevenPoints.POINTS;
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
            SevenPoints.groups(g, at + tap * step, group, outer, Scratch.ORIGIN + tap * step, group, count);
        }
        for (int o = 0; o < OUTER; o++) {
            SevenPoints.fourTaps(outer, Scratch.ORIGIN + o * group, step, u, uAt + o * INNER * uPoint, uPoint, count);
        }
    }

    /**
     * The transposed form: 8 columns of {@code count} channels that lie side by side, to the 7 points of outer point
     * {@code o}. The factors are those of {@link SevenPoints#fourTaps} here, and of {@link SevenPoints#putGroups} when sums
     * are turned back, so that each counts once.
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
            SevenPoints.combine(g, at, at + half, o == 1 ? 1 : -1, pieces, start, half);
        }
        SevenPoints.fourTaps(from, start, count, u, uAt, uPoint, count);
    }

    /** What the 4 outer points' sums have become, {@code step} apart, to a tap of each group, {@code toStep} apart. */
    public static void outerTaps(float[] t, int at, int step, float[] to, int toAt, int toStep, int count) {
        SevenPoints.putGroups(t, at, step, to, toAt, toStep, count);
    }

    /** 28 points of a tile, m[at + point·mPoint + i], to 8 outputs, y[yAt + output·step + i]; whole vectors. */
    public static void outputs(float[] m, int at, int mPoint, float[] y, int yAt, int step, int count) {
        int next = INNER * mPoint;
        SevenPoints.nestedOutputs(m, at, mPoint, next, 1, y, yAt, step, count);
        SevenPoints.nestedOutputs(m, at + next, mPoint, next, -1, y, yAt + WinogradForm.PIECE * step, step, count);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

/**
 * Which products make up a tile of {@value #TILE} outputs. Two {@link
 * ToomCook} forms are nested. The inner one sees pieces of 4 outputs and groups of 3 or 4 taps; since pieces and groups
 * are equally wide, sums over groups are themselves a convolution, of 1 to 3 taps over pieces, of which the outer form
 * makes 2 outputs: by 2, 3 or 4 points with nothing but sums and differences of two pieces. So 11 taps take 28
 * multiplications for 8 outputs, where a plain sum takes 88, 7 taps take 21 instead of 56, 3 taps 12 instead of 24.
 */
public final class WinogradForm {
    public static final int TILE = 8;
    /** Outputs of the inner form. */
    static final int PIECE = 4;

    final ToomCook inner;
    final ToomCook outer;
    /** Outer point o reads piece {@code first[o]}, plus {@code sign[o]} times piece {@code second[o]}. */
    public final int[] first;
    final int[] second;
    final int[] sign;

    /** Three taps, or five to twelve. */
    public static boolean handles(int taps) {
        return taps == 3 || taps > PIECE && taps <= 3 * PIECE;
    }

    public WinogradForm(int taps) {
        inner = taps <= 3 ? ToomCook.THREE_TAPS : ToomCook.FOUR_TAPS;
        switch (Math.ceilDiv(taps, PIECE)) {
            case 1 -> {
                outer = new ToomCook(1, 0);
                first = new int[] {0, 1};
                second = first;
                sign = new int[] {0, 0};
            }
            case 2 -> {
                outer = new ToomCook(2, 0, 1);
                first = new int[] {1, 1, 2};
                second = new int[] {0, 1, 1};
                sign = new int[] {-1, 0, -1};
            }
            case 3 -> {
                outer = new ToomCook(3, 0, 1, -1);
                first = new int[] {2, 2, 2, 3};
                second = new int[] {0, 1, 1, 1};
                sign = new int[] {-1, 1, -1, -1};
            }
            default -> throw new IllegalArgumentException("a filter of " + taps + " taps, expected 3 or 5 to 12");
        }
    }

    public int points() {
        return outer.points() * inner.points();
    }

    /** Input samples that a tile is made from, (span − 1)·dilation + 1 samples from the first to the last. */
    public int span() {
        return (outer.points() - 1) * PIECE + inner.points();
    }

    /** Transforms the taps of one filter; {@code to[o·inner.points() + i]}. */
    public void filter(double[] taps, double[] to) {
        double[] group = new double[inner.taps()];
        double[] groups = new double[outer.taps()];
        for (int i = 0; i < inner.points(); i++) {
            for (int g = 0; g < groups.length; g++) {
                for (int j = 0; j < group.length; j++) {
                    int tap = g * PIECE + j;
                    group[j] = tap < taps.length ? taps[tap] : 0;
                }
                groups[g] = inner.filter(i, group);
            }
            for (int o = 0; o < outer.points(); o++) {
                to[o * inner.points() + i] = outer.filter(o, groups);
            }
        }
    }

    /**
     * Filters by evaluation and interpolation (Toom and Cook; Winograd): m outputs of an r-tap filter by m + r − 1
     * multiplications.
     *
     * <pre>y[i] = Σ over taps j of g[j]·d[i + j] = Σ over points p of A[i][p] · (Σⱼ G[p][j]·g[j]) · (Σₛ B[p][s]·d[s])</pre>
     *
     * <p>A point is a number a, or infinity, which comes last. With N(x) = Π(x − aₚ) over the finite points: A[i][p] = aⁱ,
     * B[p] holds the coefficients of N(x)/(x − a), G[p][j] = aʲ/N′(a); for infinity A is 1 for the last output only, B[p]
     * holds N(x), and G is 1 for the last tap only. A and B are written out where they are applied ({@link
     * WinogradTransform}, {@link SevenPoints}); this is G.
     */
    record ToomCook(int taps, double... finitePoints) {
        /** Six points for 4 outputs of 3 taps. */
        static final ToomCook THREE_TAPS = new ToomCook(3, 0, 1, -1, 2, -2);
        /** Seven points for 4 outputs of 4 taps. */
        static final ToomCook FOUR_TAPS = new ToomCook(4, 0, 1, -1, 2, -2, 0.5);

        int points() {
            return finitePoints.length + 1;
        }

        /** Σⱼ G[p][j]·g[j]. */
        double filter(int point, double[] g) {
            if (point == finitePoints.length) {
                return g[taps - 1];
            }
            double a = finitePoints[point];
            double sum = 0;
            for (int j = taps - 1; j >= 0; j--) {
                sum = sum * a + g[j];
            }
            double slope = 1;
            for (int other = 0; other < finitePoints.length; other++) {
                slope *= other == point ? 1 : a - finitePoints[other];
            }
            return sum / slope;
        }
    }
}

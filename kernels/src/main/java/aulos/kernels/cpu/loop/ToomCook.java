// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

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

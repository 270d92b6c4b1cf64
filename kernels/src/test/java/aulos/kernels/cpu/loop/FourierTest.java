// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import aulos.kernels.cpu.run.Simd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The transform turns products of polynomials into products of numbers; its vector loops give the bits of plain ones. */
@Tag("vector")
class FourierTest {
    private static final int N = FourierTile.SAMPLES;
    private static final int POINTS = FourierTile.POINTS;
    /** Signals in a row, whole vectors of any width. */
    private static final int WIDTH = 16;

    /** [sample][signal] to [point][real, imaginary][signal]. */
    private static float[] forward(float[] x, int rows) {
        int count = rows * WIDTH;
        float[] v = new float[2 * POINTS * count];
        FourierTile.forward(x, 3, 3 + POINTS * WIDTH, WIDTH, N * WIDTH, rows, WIDTH,
                new float[FourierTile.scratch(count)], v, 0, count, 2 * count);
        return v;
    }

    @Test
    void productsAreThoseOfPolynomials() {
        int rows = 3;
        int count = rows * WIDTH;
        float[] a = Samples.random(1, 3 + N * count);
        float[] b = Samples.random(2, 3 + N * count);
        float[] u = forward(a, rows);
        float[] v = forward(b, rows);
        float[] product = new float[u.length];
        for (int p = 0; p < POINTS; p++) {
            for (int i = 0; i < count; i++) {
                int re = 2 * p * count + i;
                int im = re + count;
                product[re] = u[re] * v[re] - u[im] * v[im];
                product[im] = u[re] * v[im] + u[im] * v[re];
            }
        }
        float[] y = new float[5 + POINTS * count];
        FourierTile.back(product, 0, count, 2 * count, new float[FourierTile.scratch(count)], y, 5, count, count);
        for (int i = 0; i < count; i++) {
            int signal = 3 + i / WIDTH * N * WIDTH + i % WIDTH;
            for (int n = 0; n < POINTS; n++) {
                double sum = 0;
                for (int j = 0; j < N; j++) {
                    // t⁶⁴ is −1.
                    int other = Math.floorMod(n - j, N);
                    sum += (j > n ? -1.0 : 1.0) * a[signal + j * WIDTH] * b[signal + other * WIDTH];
                }
                assertThat((double) y[5 + n * count + i]).as("signal %d, sample %d", i, n).isCloseTo(sum, within(1e-5));
            }
        }
    }

    @Test
    void tiles() {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        int[] wPlaces = {9, 3, 0, 40, 7, 7, 9};
        int[] xPlaces = {99, 5, 0, 1, 60, 2, 99};
        for (int width : new int[] {Simd.WIDTH, 2 * Simd.WIDTH}) {
            for (int end : new int[] {1, 2, 6}) {
                float[] w = Samples.random(1, 60);
                float[] x = Samples.random(2, 70 + width);
                float[] sums = Samples.random(3, 4 + LaneTile.ROWS * width);
                float[] expected = sums.clone();
                LaneTile.add(w, 2, wPlaces, x, 3, xPlaces, 1, end, width, -1, sums, 4);
                LaneTile.plainAdd(w, 2, wPlaces, x, 3, xPlaces, 1, end, width, -1, expected, 4);
                assertThat(sums).isEqualTo(expected);
            }
        }
    }
}

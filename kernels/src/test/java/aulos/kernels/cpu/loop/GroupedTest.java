// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import aulos.kernels.cpu.loop.warm.GroupedVector;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The form of {@link GroupedTransform}: what it computes, and that its vector loops give the bits of plain ones. */
@Tag("vector")
class GroupedTest {
    private static final int POINTS = GroupedTransform.POINTS;
    private static final int TAPS = GroupedTransform.TAPS;
    private static final int TILE = GroupedTransform.TILE;
    private static final int SPAN = GroupedTransform.SPAN;
    private static final int WIDTH = 16;

    /** Sample s of a tile and tap h meet in output s − h; nothing else does. */
    @Test
    void formIsTheFilter() {
        int[] offsets = new int[SPAN];
        Arrays.setAll(offsets, s -> s);
        WinogradTransform input = GroupedTransform.input(offsets);
        float[] outer = new float[Scratch.ORIGIN + 16 * WIDTH];
        for (int s = 0; s < SPAN; s++) {
            float[] x = new float[SPAN];
            x[s] = 1;
            float[] v = new float[POINTS];
            input.plainInput(x, 0, v, 0, 1, 1);
            for (int h = 0; h < TAPS; h++) {
                float[] g = new float[TAPS * WIDTH];
                g[h * WIDTH] = 1;
                float[] u = new float[POINTS * WIDTH];
                GroupedTransform.filter(g, 0, WIDTH, outer, u, 0, WIDTH, WIDTH);
                for (int p = 0; p < POINTS; p++) {
                    u[p * WIDTH] *= v[p];
                }
                float[] y = new float[TILE * WIDTH];
                GroupedTransform.outputs(u, 0, WIDTH, y, 0, WIDTH, WIDTH);
                for (int t = 0; t < TILE; t++) {
                    assertThat((double) y[t * WIDTH]).as("sample %d, tap %d, output %d", s, h, t)
                            .isCloseTo(s - h == t ? 1 : 0, within(1e-5));
                }
            }
        }
    }

    /** Sample s of a tile and column t of the gradient meet in tap s − t; nothing else does. */
    @Test
    void transposedFormIsTheGradient() {
        int[] offsets = new int[SPAN];
        Arrays.setAll(offsets, s -> s);
        WinogradTransform input = GroupedTransform.input(offsets);
        int inner = ToomTransform.POINTS;
        int taps = GroupedTransform.INNER_TAPS;
        float[] pieces = new float[Scratch.ORIGIN + 4 * WIDTH];
        for (int s = 0; s < SPAN; s++) {
            float[] x = new float[SPAN];
            x[s] = 1;
            for (int t = 0; t < TILE; t++) {
                float[] g = new float[TILE * WIDTH];
                g[t * WIDTH] = 1;
                float[] sums = new float[GroupedTransform.OUTER * taps * WIDTH];
                for (int o = 0; o < GroupedTransform.OUTER; o++) {
                    float[] v = new float[inner * WIDTH];
                    input.input(o, Arrays.copyOf(x, SPAN + WIDTH), 0, v, 0, WIDTH, WIDTH);
                    float[] u = new float[inner * WIDTH];
                    GroupedTransform.columns(o, g, 0, pieces, u, 0, WIDTH, WIDTH);
                    for (int p = 0; p < inner; p++) {
                        u[p * WIDTH] *= v[p * WIDTH];
                    }
                    ToomTransform.fourOutputs(u, 0, WIDTH, sums, o * taps * WIDTH, WIDTH, WIDTH);
                }
                float[] y = new float[TAPS * WIDTH];
                for (int tap = 0; tap < taps; tap++) {
                    GroupedTransform.outerTaps(sums, tap * WIDTH, taps * WIDTH, y, tap * WIDTH, taps * WIDTH, WIDTH);
                }
                for (int h = 0; h < TAPS; h++) {
                    assertThat((double) y[h * WIDTH]).as("sample %d, column %d, tap %d", s, t, h)
                            .isCloseTo(s - t == h ? 1 : 0, within(1e-5));
                }
            }
        }
    }

    /** The product in which sums begin with the bias counts once in every output. */
    @Test
    void biasIsAddedOnce() {
        float[] m = new float[POINTS * WIDTH];
        m[GroupedTransform.ONES * WIDTH] = 3;
        float[] y = new float[TILE * WIDTH];
        GroupedTransform.outputs(m, 0, WIDTH, y, 0, WIDTH, WIDTH);
        for (int t = 0; t < TILE; t++) {
            assertThat(y[t * WIDTH]).isEqualTo(3);
        }
    }

    @Test
    void loops() {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        float[] x = Samples.random(1, 4000);
        float[] y = new float[4000];
        float[] plain = new float[4000];
        GroupedVector.outerFilter(x, 5, 300, y, 7, 200, 2 * WIDTH);
        GroupedTransform.plainOuterFilter(x, 5, 300, plain, 7, 200, 2 * WIDTH);
        assertThat(y).isEqualTo(plain);
        for (float sign : new float[] {1, -1}) {
            GroupedVector.outputs(x, 5, 90, 700, sign, y, 1500, 70, WIDTH);
            GroupedTransform.plainOutputs(x, 5, 90, 700, sign, plain, 1500, 70, WIDTH);
            assertThat(y).isEqualTo(plain);
            GroupedVector.addPieces(x, 5, 400, sign, y, 11, 4 * WIDTH);
            GroupedTransform.plainAddPieces(x, 5, 400, sign, plain, 11, 4 * WIDTH);
            assertThat(y).isEqualTo(plain);
        }
        GroupedVector.outerTaps(x, 5, 300, y, 7, 200, 2 * WIDTH);
        GroupedTransform.plainOuterTaps(x, 5, 300, plain, 7, 200, 2 * WIDTH);
        assertThat(y).isEqualTo(plain);
    }
}

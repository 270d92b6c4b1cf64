// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
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
        }
    }
}

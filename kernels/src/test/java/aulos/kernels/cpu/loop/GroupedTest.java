// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.kernels.cpu.run.Workspace.Scratch;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The form of {@link GroupedTransform} is the filter and its gradient. */
@Tag("cpu")
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
            float[] x = new float[SPAN + WIDTH];
            x[s] = 1;
            float[] v = new float[POINTS * WIDTH];
            input.input(x, 0, v, 0, WIDTH, WIDTH);
            for (int h = 0; h < TAPS; h++) {
                float[] g = new float[TAPS * WIDTH];
                g[h * WIDTH] = 1;
                float[] u = new float[POINTS * WIDTH];
                GroupedTransform.filter(g, 0, WIDTH, outer, u, 0, WIDTH, WIDTH);
                for (int p = 0; p < POINTS; p++) {
                    u[p * WIDTH] *= v[p * WIDTH];
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
        int inner = SevenPoints.POINTS;
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
                    SevenPoints.fourOutputs(u, 0, WIDTH, sums, o * taps * WIDTH, WIDTH, WIDTH);
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
}

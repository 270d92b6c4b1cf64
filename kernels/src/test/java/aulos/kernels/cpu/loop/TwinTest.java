// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.PointwiseFunction;
import aulos.kernels.Samples;
import aulos.kernels.cpu.loop.plain.PointwiseScalar;
import aulos.kernels.cpu.loop.plain.ReductionsScalar;
import aulos.kernels.cpu.loop.warm.PointwiseVector;
import aulos.kernels.cpu.loop.warm.ReductionsVector;
import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every vector loop gives the bits of its plain twin, at all sizes around a few vectors and at odd offsets. */
@Tag("vector")
class TwinTest {
    private static final int MARK = 12345;

    @BeforeEach
    void needsVectors() {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
    }

    @ParameterizedTest
    @EnumSource
    void pointwise(PointwiseFunction function) {
        for (int n = 1; n <= 70; n++) {
            float[] x = Samples.nasty(n, n + 5);
            float[] g = Samples.nasty(n + 100, n + 5);
            float[] plain = marked(n + 5);
            float[] vector = plain.clone();
            PointwiseScalar.run(function, 0.3f, -0.7f, x, 3, g, 2, plain, 1, n);
            PointwiseVector.run(function, 0.3f, -0.7f, x, 3, g, 2, vector, 1, n);
            assertSameBits(vector, plain, function + " of " + n);
        }
    }

    @Test
    void sum() {
        for (int width = 1; width <= 150; width++) {
            for (int rows : new int[] {1, 2, 7}) {
                float[] x = Samples.random(width, 3 + (width + 2) * rows);
                float[] plain = marked(width + 1);
                float[] vector = plain.clone();
                ReductionsScalar.columns(x, 3, width + 1, rows, 0, width, plain);
                ReductionsVector.columns(x, 3, width + 1, rows, width, vector);
                assertSameBits(vector, plain, rows + " rows of " + width);
            }
        }
    }

    @Test
    void meanAbsoluteError() {
        for (int width = 1; width <= Reductions.LANES; width++) {
            for (int rows : new int[] {1, 2, 7}) {
                float[] a = Samples.nasty(width, 3 + rows * Reductions.LANES);
                float[] b = Samples.nasty(width + 100, 3 + rows * Reductions.LANES);
                float[] plain = marked(width + 1);
                float[] vector = plain.clone();
                ReductionsScalar.distances(a, b, 3, rows, 0, width, plain);
                ReductionsVector.distances(a, b, 3, rows, width, vector);
                assertSameBits(vector, plain, rows + " rows of " + width);
            }
            float[] a = Samples.nasty(width, width + 5);
            float[] b = Samples.nasty(width + 100, width + 5);
            b[2] = a[2];
            float[] plain = marked(width + 5);
            float[] vector = plain.clone();
            PointwiseScalar.signOfDifference(-0.3f, 0, a, 2, b, 2, plain, 2, width);
            PointwiseVector.signOfDifference(-0.3f, 0, a, 2, b, 2, vector, 2, width);
            assertSameBits(vector, plain, "gradient of " + width);
        }
    }

    @Test
    void matmulTile() {
        for (int rows = 1; rows <= PanelTile.ROWS; rows++) {
            for (int depth : new int[] {1, 2, 5, 33}) {
                float[] a = Samples.random(rows, 1 + rows * depth);
                float[] b = Samples.random(depth, 2 + PanelTile.WIDTH * depth);
                float[] plain = marked(5 + rows * (PanelTile.WIDTH + 7));
                float[] vector = plain.clone();
                PanelTile.plain(a, 1, rows, b, 2, depth, plain, 5, PanelTile.WIDTH + 7);
                PanelTile.run(a, 1, rows, b, 2, depth, vector, 5, PanelTile.WIDTH + 7);
                assertSameBits(vector, plain, rows + " rows, depth " + depth);
            }
        }
    }

    @Test
    void matmulDots() {
        for (int rows : new int[] {1, 2, 5}) {
            float[] a = Samples.random(rows, 3 + rows * Reductions.LANES);
            float[] b = Samples.random(rows + 9, 1 + rows * Reductions.LANES);
            float[] plain = marked(Reductions.LANES);
            float[] vector = plain.clone();
            ReductionsScalar.dots(a, 3, b, 1, rows, 0, Reductions.LANES, plain);
            ReductionsVector.dots(a, 3, b, 1, rows, Reductions.LANES, vector);
            assertSameBits(vector, plain, rows + " rows");
        }
    }

    /** Filled with a number that a loop which writes too far destroys. */
    private static float[] marked(int length) {
        float[] values = new float[length];
        Arrays.fill(values, MARK);
        return values;
    }

    private static void assertSameBits(float[] actual, float[] expected, String what) {
        assertThat(bits(actual)).as(what).isEqualTo(bits(expected));
    }

    /** All NaNs count as the same. */
    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }
}

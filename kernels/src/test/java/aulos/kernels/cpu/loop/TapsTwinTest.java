// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import aulos.kernels.cpu.conv.job.ConvJob.Epilogue;
import aulos.kernels.cpu.loop.plain.Tanh;
import aulos.kernels.cpu.run.Simd;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector loops of convolutions give the bits of plain ones. */
@Tag("vector")
class TapsTwinTest {

    @BeforeEach
    void needsVectors() {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8})
    void microTile(int rows) {
        MicroTile tile = new MicroTile(rows, (rows == 1 ? 8 : 2) * Simd.WIDTH);
        int width = tile.width();
        for (int count : new int[] {0, 1, 7, 50}) {
            float[] x = Samples.random(1, 200 + width);
            float[] w = Samples.random(2, 3 + count * rows);
            float[] start = Samples.random(3, 1 + rows);
            int[] offsets = new int[count];
            Arrays.setAll(offsets, i -> i * 37 % 101);
            float[] y = new float[2 + rows * (width + 3)];
            tile.run(x, 5, offsets, count, w, 3, start, 1, y, 2, width + 3);
            for (int row = 0; row < rows; row++) {
                float[] rowWeights = new float[count];
                for (int i = 0; i < count; i++) {
                    rowWeights[i] = w[3 + i * rows + row];
                }
                float[] plain = new float[width];
                MicroTile.row(width, x, 5, offsets, count, rowWeights, 0, start[1 + row], plain, 0);
                int from = 2 + row * (width + 3);
                assertThat(Arrays.copyOfRange(y, from, from + width)).isEqualTo(plain);
            }
        }
    }

    @Test
    void leakyReluAndTanh() {
        for (int n = 0; n <= 70; n++) {
            float[] x = Samples.nasty(n, n + 4);
            float[] relu = new float[n + 2];
            float[] tanh = x.clone();
            Rows.leakyCopy(x, 3, 1, relu, 1, n, 0.1f);
            Rows.tanh(tanh, 3, n);
            for (int i = 0; i < n; i++) {
                float expected = x[3 + i] > 0 ? x[3 + i] : x[3 + i] * 0.1f;
                assertThat(Float.floatToIntBits(relu[1 + i])).isEqualTo(Float.floatToIntBits(expected));
                assertThat(Float.floatToIntBits(tanh[3 + i])).isEqualTo(Float.floatToIntBits(Tanh.of(x[3 + i])));
            }
            assertThat(relu[0]).isZero();
            assertThat(relu[n + 1]).isZero();
        }
    }

    @Test
    void epilogue() {
        int stride = 75;
        for (int n = 0; n <= 70; n++) {
            float[] sums = Samples.nasty(n, 3 * stride);
            float[] first = Samples.random(n + 1, 3 * stride);
            float[] second = Samples.nasty(n + 2, 3 * stride);
            for (List<float[]> residuals : List.of(List.<float[]>of(), List.of(first), List.of(first, second))) {
                float[] y = sums.clone();
                new Epilogue(residuals, 0.3f, true).apply(y, 2, stride, 3, n);
                for (int i = 0; i < y.length; i++) {
                    float expected = sums[i];
                    if (i >= 2 && i < 2 + 2 * stride + n && (i - 2) % stride < n) {
                        for (float[] residual : residuals) {
                            expected += residual[i];
                        }
                        expected = Tanh.of(expected * 0.3f);
                    }
                    assertThat(Float.floatToIntBits(y[i])).isEqualTo(Float.floatToIntBits(expected));
                }
            }
        }
    }

    @Test
    void interleave() {
        for (int count : new int[] {1, 2, 3, 4, 6, 8, 12, 16}) {
            for (int length : new int[] {1, 5, 16, 67}) {
                float[] phases = Samples.random(count, count * length);
                float[] expected = new float[count * length];
                for (int r = 0; r < count; r++) {
                    for (int i = 0; i < length; i++) {
                        expected[i * count + r] = phases[r * length + i];
                    }
                }
                assertThat(Rows.interleave(phases, new float[count * length], 0, count, length)).isEqualTo(expected);
            }
        }
    }

    @Test
    void correlationTile() {
        int columns = 3 * CorrelationTile.LANES;
        float[] gradient = Samples.random(1, 400);
        float[] input = Samples.random(2, 400);
        int[] gOffsets = {0, 50, 7, 101};
        int[] xOffsets = {9, 3, 60, 3, 122};
        float[] sums = Samples.random(3, 1 + 16 * CorrelationTile.LANES);
        float[] expected = sums.clone();
        for (int r = 0; r < 4; r++) {
            for (int p = 0; p < 4; p++) {
                for (int u = 0; u < columns; u++) {
                    int at = 1 + (r * 4 + p) * CorrelationTile.LANES + u % CorrelationTile.LANES;
                    expected[at] = Math.fma(
                            gradient[gOffsets[r] + 8 + u], input[xOffsets[1 + p] + 8 + u], expected[at]);
                }
            }
        }
        CorrelationTile.run(gradient, gOffsets, input, xOffsets, 1, 8, columns, sums, 1);
        assertThat(sums).isEqualTo(expected);
    }

    @Test
    void laneTileOfPairs() {
        for (int width : new int[] {Simd.WIDTH, 2 * Simd.WIDTH}) {
            for (int count : new int[] {0, 1, 9}) {
                float[] x = Samples.random(1, 200);
                float[] g = Samples.random(2, 3 + count * width);
                int[] offsets = {99, 0, 7, 7, 30, 2, 11, 90, 1, 99};
                int[] places = {99, 99, 0, 5, 1, 100, 50, 2, 3, 4, 60, 99};
                float[] sums = Samples.random(3, 1 + 8 * width);
                float[] expected = sums.clone();
                LaneTile.plainAddPairs(x, offsets, 1, places, 2, count, g, 3, width, expected, 1);
                LaneTile.addPairs(x, offsets, 1, places, 2, count, g, 3, width, sums, 1);
                assertThat(sums).isEqualTo(expected);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of {@link ToomTransform} are convolutions, their vector loops give the bits of plain ones. */
@Tag("vector")
class ToomTest {
    private static final int POINTS = ToomTransform.POINTS;
    private static final int SAMPLES = ToomTransform.SAMPLES;

    private static float[] unit(int size, int index) {
        float[] values = new float[size];
        values[index] = 1;
        return values;
    }

    private static void plainOutputs(int taps, float[] m, float[] bias, float[] y) {
        if (taps == 5) {
            ToomTransform.plainThreeOutputs(m, 0, 1, bias, 0, y, 0, 1, 1);
        } else {
            ToomTransform.plainOutputs(SAMPLES + 1 - taps, m, 0, 1, y, 0, 1, 1);
        }
    }

    /** y[i] = Σ over taps j of g[j]·d[i + j], for unit taps and unit samples; thirds and the like are rounded. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void formIsTheConvolution(int taps) {
        int outputs = SAMPLES + 1 - taps;
        for (int j = 0; j < taps; j++) {
            float[] w = new float[POINTS];
            ToomTransform.plainFilter(taps, unit(taps, j), 0, 1, w, 0, 1, 1);
            for (int s = 0; s < SAMPLES; s++) {
                float[] v = new float[POINTS];
                ToomTransform.plainInput(unit(SAMPLES, s), 0, 1, v, 0, 1, 1);
                float[] m = new float[POINTS];
                for (int p = 0; p < POINTS; p++) {
                    m[p] = w[p] * v[p];
                }
                float[] y = new float[outputs];
                plainOutputs(taps, m, new float[1], y);
                for (int i = 0; i < outputs; i++) {
                    assertThat((double) y[i]).as("output %d, tap %d, sample %d", i, j, s)
                            .isCloseTo(s == i + j ? 1 : 0, within(5e-7));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void vectorLoopsGiveTheBitsOfPlainOnes(int vectors) {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        int count = vectors * Simd.WIDTH;
        int step = count + 3;
        float[] x = Samples.random(1, 5 + POINTS * step);
        float[] bias = Samples.random(2, 2 + count);
        float[] vector = new float[2 + POINTS * step];
        float[] plain = vector.clone();
        ToomTransform.input(x, 5, step, vector, 2, step, count);
        ToomTransform.plainInput(x, 5, step, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
        for (int taps = 3; taps <= 5; taps++) {
            ToomTransform.filter(taps, x, 5, step, vector, 2, step, count);
            ToomTransform.plainFilter(taps, x, 5, step, plain, 2, step, count);
            assertThat(vector).isEqualTo(plain);
        }
        ToomTransform.threeOutputs(x, 5, step, bias, 2, vector, 2, step, count);
        ToomTransform.plainThreeOutputs(x, 5, step, bias, 2, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
        for (int outputs = 4; outputs <= 5; outputs++) {
            ToomTransform.outputs(outputs, x, 5, step, vector, 2, step, count);
            ToomTransform.plainOutputs(outputs, x, 5, step, plain, 2, step, count);
            assertThat(vector).isEqualTo(plain);
        }
    }
}

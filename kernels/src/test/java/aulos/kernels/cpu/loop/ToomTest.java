// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import aulos.kernels.cpu.run.Simd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of {@link ToomTransform} and {@link FiveTransform} are convolutions, their vector loops give the bits of plain ones. */
@Tag("vector")
class ToomTest {
    private static final int POINTS = ToomTransform.POINTS;
    private static final int SAMPLES = ToomTransform.SAMPLES;

    private static float[] unit(int size, int index) {
        float[] values = new float[size];
        values[index] = 1;
        return values;
    }

    /** y[i] = Σ over taps j of g[j]·d[i + j], for unit taps and unit samples; thirds and the like are rounded. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void formIsTheConvolution(int taps) {
        int outputs = SAMPLES + 1 - taps;
        for (int j = 0; j < taps; j++) {
            float[] w = new float[POINTS];
            ToomTransform.plainFilter(taps, unit(taps, j), 0, 1, w, 0, 1, 1);
            for (int s = 0; s < SAMPLES; s++) {
                float[] v = new float[POINTS];
                ToomTransform.plainInput(unit(SAMPLES, s), 0, 1, v, 0, 1, 1);
                float[] y = new float[outputs];
                ToomTransform.plainOutputs(outputs, times(w, v), 0, 1, y, 0, 1, 1);
                for (int i = 0; i < outputs; i++) {
                    assertThat((double) y[i]).as("output %d, tap %d, sample %d", i, j, s)
                            .isCloseTo(s == i + j ? 1 : 0, within(5e-7));
                }
            }
        }
    }

    @Test
    void formOfFiveIsTheConvolution() {
        float bias = 0.25f;
        for (int j = 0; j < FiveTransform.FIVE; j++) {
            float[] w = new float[FiveTransform.POINTS];
            FiveTransform.plainFilter(unit(FiveTransform.FIVE, j), 0, 1, w, 0, 1, 1);
            for (int s = 0; s < FiveTransform.SAMPLES; s++) {
                float[] v = new float[FiveTransform.POINTS];
                FiveTransform.plainInput(unit(FiveTransform.SAMPLES, s), 0, 1, v, 0, 1, 1);
                float[] y = new float[FiveTransform.FIVE];
                FiveTransform.plainOutputs(times(w, v), 0, 1, new float[] {bias}, 0, y, 0, 1, 1);
                for (int i = 0; i < FiveTransform.FIVE; i++) {
                    assertThat((double) y[i]).as("output %d, tap %d, sample %d", i, j, s)
                            .isCloseTo((s == i + j ? 1 : 0) + bias, within(3e-6));
                }
            }
        }
    }

    private static float[] times(float[] a, float[] b) {
        float[] product = new float[a.length];
        for (int p = 0; p < a.length; p++) {
            product[p] = a[p] * b[p];
        }
        return product;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void vectorLoopsGiveTheBitsOfPlainOnes(int vectors) {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        int count = vectors * Simd.WIDTH;
        int step = count + 3;
        float[] x = Samples.random(1, 5 + POINTS * step);
        float[] vector = new float[2 + POINTS * step];
        float[] plain = vector.clone();
        ToomTransform.input(x, 5, step, vector, 2, step, count);
        ToomTransform.plainInput(x, 5, step, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
        for (int taps = 4; taps <= 5; taps++) {
            ToomTransform.filter(taps, x, 5, step, vector, 2, step, count);
            ToomTransform.plainFilter(taps, x, 5, step, plain, 2, step, count);
            assertThat(vector).isEqualTo(plain);
        }
        ToomTransform.threeOutputs(x, 5, step, vector, 2, step, count);
        ToomTransform.plainOutputs(3, x, 5, step, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
        ToomTransform.fourOutputs(x, 5, step, vector, 2, step, count);
        ToomTransform.plainOutputs(4, x, 5, step, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void vectorLoopsOfFiveGiveTheBitsOfPlainOnes(int vectors) {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        int count = vectors * Simd.WIDTH;
        int step = count + 3;
        float[] x = Samples.random(1, 5 + FiveTransform.POINTS * step);
        float[] bias = Samples.random(2, 2 + count);
        float[] vector = new float[2 + FiveTransform.POINTS * step];
        float[] plain = vector.clone();
        FiveTransform.input(x, 5, step, vector, 2, step, count);
        FiveTransform.plainInput(x, 5, step, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
        FiveTransform.filter(x, 5, step, vector, 2, step, count);
        FiveTransform.plainFilter(x, 5, step, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
        FiveTransform.outputs(x, 5, step, bias, 2, vector, 2, step, count);
        FiveTransform.plainOutputs(x, 5, step, bias, 2, plain, 2, step, count);
        assertThat(vector).isEqualTo(plain);
    }
}

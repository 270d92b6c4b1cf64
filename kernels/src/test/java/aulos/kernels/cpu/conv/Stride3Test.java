// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import static aulos.kernels.cpu.conv.ConvCase.noise;
import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.bilinear.Stride3Convolution;
import aulos.kernels.cpu.conv.direct.TapConvolution;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.loop.PhasePoints;
import aulos.kernels.cpu.loop.plain.PhasePointsScalar;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of {@link PhasePoints}, the lengths at which its tiles end, and when it is chosen. */
@Tag("vector")
class Stride3Test {
    private static final int POINTS = PhasePoints.POINTS;
    private static final int SAMPLES = PhasePoints.SAMPLES;
    private static final int COLUMNS = PhasePoints.COLUMNS;

    private static float[] unit(int size, int index) {
        float[] values = new float[size];
        values[index] = 1;
        return values;
    }

    /** The points of sample {@code s}, of column {@code c} and of tap {@code h}, each alone and 1. */
    private static float[] sample(int s) {
        float[] v = new float[POINTS];
        PhasePointsScalar.samples(unit(SAMPLES, s), 0, 1, v, 0, 1, 1);
        return v;
    }

    private static float[] column(int c) {
        float[] v = new float[POINTS];
        PhasePointsScalar.columns(unit(COLUMNS, c), 0, 1, v, 0, 1, 1);
        return v;
    }

    private static float[] tap(int h) {
        float[] w = new float[4];
        w[h] = 1;
        PhasePointsScalar.taps(w, 0, 1, w, 2, 3, 1);
        return new float[] {w[0], w[2], w[3], w[1]};
    }

    private static float[] times(float[] a, float[] b) {
        float[] product = new float[POINTS];
        for (int p = 0; p < POINTS; p++) {
            product[p] = a[p] * b[p];
        }
        return product;
    }

    /** Sample s and tap h meet in column s + h, in all three directions; halves are exact. */
    @Test
    void formIsTheProductOfPolynomials() {
        for (int s = 0; s < SAMPLES; s++) {
            for (int h = 0; h < 2; h++) {
                float[] y = new float[COLUMNS];
                PhasePointsScalar.addColumns(times(sample(s), tap(h)), 0, 1, y, 0, 1, 1);
                assertThat(y).as("sample %d, tap %d", s, h).isEqualTo(unit(COLUMNS, s + h));
            }
        }
        for (int c = 0; c < COLUMNS; c++) {
            for (int h = 0; h < 2; h++) {
                float[] x = new float[SAMPLES];
                PhasePointsScalar.putSamples(times(column(c), tap(h)), 0, 1, new float[1], 0, x, 0, 1, 1);
                for (int s = 0; s < SAMPLES; s++) {
                    assertThat(x[s]).as("column %d, tap %d, sample %d", c, h, s).isEqualTo(s + h == c ? 1 : 0);
                }
            }
            for (int s = 0; s < SAMPLES; s++) {
                float[] w = new float[2];
                PhasePointsScalar.putTaps(times(column(c), sample(s)), 0, 1, w, 0, 1, 1);
                for (int h = 0; h < 2; h++) {
                    assertThat(w[h]).as("column %d, sample %d, tap %d", c, s, h).isEqualTo(s + h == c ? 1 : 0);
                }
            }
        }
    }

    /** Tiles of 9 samples, whole and cut, and columns beyond the last tile. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 19, 31})
    void everyLengthIsTheFormula(int length) {
        ConvCase c = ConvCase.of(3, 256, 257, length, 5, 3, 2, 1, 1);
        Fusion fusion = new Fusion(.1, true, 1, .5, false);
        CpuConvolutionTest test = new CpuConvolutionTest();
        test.forwardIsTheFormula(c);
        test.inputGradientIsTheFormula(c);
        test.weightGradientIsTheFormula(c);
        float[] x = noise(c.x().size(), 1);
        float[] w = noise(c.w().size(), 2);
        float[] bias = noise(257, 3);
        float[] residual = noise(c.y().size(), 4);
        assertThat(c.forward(1, fusion, x, w, bias, List.of(residual)))
                .isEqualTo(c.forward(3, fusion, x, w, bias, List.of(residual)));
    }

    @ParameterizedTest
    @CsvSource({
        "512, 1024, 5, 3, 2, 1, true, true, true",
        "128, 512, 5, 3, 2, 1, true, false, false",
        "512, 128, 5, 3, 2, 1, false, true, false",
        "127, 512, 5, 3, 2, 1, false, false, false",
        "512, 512, 5, 3, 1, 1, false, false, false",
        "512, 512, 5, 2, 2, 1, false, false, false",
        "512, 512, 5, 3, 2, 2, false, false, false",
        "512, 512, 7, 3, 2, 1, false, false, false"})
    void isChosenByTheLayerAlone(int cin, int cout, int taps, int stride, int padding, int dilation, boolean forward,
            boolean inputGradient, boolean weightGradient) {
        ConvSpec spec = new ConvSpec(stride, padding, dilation, 1);
        Shape weight = Shape.of(cout, cin, taps);
        assertThat(Stride3Convolution.suits(spec, weight, false)).isEqualTo(forward);
        assertThat(Stride3Convolution.suits(spec, weight, true)).isEqualTo(inputGradient);
        assertThat(Stride3Convolution.suitsGradient(spec, weight)).isEqualTo(weightGradient);
    }

    /** Transforms round differently; without them there are the bits of plain sums, here of one segment. */
    @Test
    void exactlyMeansWithoutTransforms() {
        ConvCase c = ConvCase.of(1, 256, 256, 40, 5, 3, 2, 1, 1);
        float[] x = noise(c.x().size(), 1);
        float[] w = noise(c.w().size(), 2);
        float[] exact = new float[c.y().size()];
        try (WorkerPool pool = new WorkerPool(1)) {
            new CpuConvolution(pool, new BufferPool(0), true).forward(new Kernel.Conv(c.spec(), Fusion.NONE),
                    operand(c.y(), exact), new Operand[] {operand(c.x(), x), operand(c.w(), w)});
            float[] plain = new float[c.y().size()];
            TapConvolution.ALGORITHM.run(new ConvJob(new Workspace(pool, new BufferPool(0)), false, c.spec(), Fusion.NONE,
                    operand(c.y(), plain), new Operand[] {operand(c.x(), x), operand(c.w(), w)}));
            assertThat(exact).isEqualTo(plain);
        }
        assertThat(c.forward(1, Fusion.NONE, x, w, null, List.of())).isNotEqualTo(exact);
    }

    private static Operand operand(Shape shape, float[] values) {
        return new Operand(shape, new CpuBuffer(values, shape.size()));
    }
}

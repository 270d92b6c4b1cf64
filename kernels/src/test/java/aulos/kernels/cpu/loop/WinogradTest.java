// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import aulos.kernels.cpu.loop.WinogradForm.ToomCook;
import aulos.kernels.cpu.run.Simd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The forms are exact algebra, their vector loops give the bits of plain ones. */
@Tag("vector")
class WinogradTest {
    private static final int WIDTH = WinogradTransform.WIDTH;

    static IntStream taps() {
        return IntStream.rangeClosed(3, 12).filter(WinogradForm::handles);
    }

    /** An exact number; everything here has small denominators. */
    private record Fraction(BigInteger above, BigInteger below) {
        static final Fraction ZERO = of(0);

        static Fraction of(double value) {
            BigDecimal decimal = new BigDecimal(value);
            BigInteger below = BigInteger.TEN.pow(Math.max(0, decimal.scale()));
            return new Fraction(decimal.multiply(new BigDecimal(below)).toBigIntegerExact(), below);
        }

        Fraction times(Fraction other) {
            return new Fraction(above.multiply(other.above), below.multiply(other.below));
        }

        Fraction over(Fraction other) {
            return new Fraction(above.multiply(other.below), below.multiply(other.above));
        }

        Fraction plus(Fraction other) {
            BigInteger sum = above.multiply(other.below).add(other.above.multiply(below));
            BigInteger product = below.multiply(other.below);
            BigInteger divisor = sum.gcd(product);
            return new Fraction(sum.divide(divisor), product.divide(divisor));
        }

        boolean is(int value) {
            return above.equals(below.multiply(BigInteger.valueOf(value)));
        }
    }

    /** G[p][tap] of the formula in {@link ToomCook}. */
    private static Fraction weight(ToomCook form, int point, int tap) {
        double[] points = form.finitePoints();
        if (point == points.length) {
            return Fraction.of(tap == form.taps() - 1 ? 1 : 0);
        }
        Fraction a = Fraction.of(points[point]);
        Fraction result = Fraction.of(1);
        for (int i = 0; i < tap; i++) {
            result = result.times(a);
        }
        for (int i = 0; i < points.length; i++) {
            result = i == point ? result : result.over(a.plus(Fraction.of(-points[i])));
        }
        return result;
    }

    private static Fraction weight(WinogradForm form, int point, int tap) {
        Fraction group = weight(form.outer, point / form.inner.points(), tap / WinogradForm.PIECE);
        return tap % WinogradForm.PIECE < form.inner.taps()
                ? group.times(weight(form.inner, point % form.inner.points(), tap % WinogradForm.PIECE))
                : Fraction.ZERO;
    }

    /** y[i] = Σ over taps j of g[j]·d[i + j], for unit taps and unit samples, without any rounding. */
    @ParameterizedTest
    @MethodSource("taps")
    void formIsTheConvolution(int taps) {
        WinogradForm form = new WinogradForm(taps);
        int points = form.points();
        float[][] samples = new float[form.span()][];
        for (int s = 0; s < samples.length; s++) {
            float[] x = new float[samples.length + WIDTH];
            x[s] = 1;
            samples[s] = new float[points * WIDTH];
            new WinogradTransform(form, IntStream.range(0, samples.length).toArray())
                    .input(x, 0, samples[s], 0, WIDTH, WIDTH);
        }
        int[] outputs = IntStream.range(0, WinogradForm.TILE).map(j -> j * WIDTH).toArray();
        float[][] products = new float[points][];
        for (int p = 0; p < points; p++) {
            float[] m = new float[points * WIDTH];
            m[p * WIDTH] = 1;
            products[p] = new float[WinogradForm.TILE * WIDTH];
            new WinogradTransform(form, new int[form.span()]).output(
                    m, 0, 1, new float[1], 0, products[p], outputs);
        }
        for (int i = 0; i < WinogradForm.TILE; i++) {
            for (int j = 0; j < taps; j++) {
                for (int s = 0; s < samples.length; s++) {
                    Fraction sum = Fraction.ZERO;
                    for (int p = 0; p < points; p++) {
                        sum = sum.plus(Fraction.of(products[p][i * WIDTH]).times(weight(form, p, j))
                                .times(Fraction.of(samples[s][p * WIDTH])));
                    }
                    assertThat(sum.is(s == i + j ? 1 : 0)).as("output %d, tap %d, sample %d", i, j, s).isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("taps")
    void filtersAreTransformedByTheSameMatrix(int taps) {
        WinogradForm form = new WinogradForm(taps);
        double[] points = new double[form.points()];
        for (int tap = 0; tap < taps; tap++) {
            double[] unit = new double[taps];
            unit[tap] = 1;
            form.filter(unit, points);
            for (int p = 0; p < points.length; p++) {
                Fraction exact = weight(form, p, tap);
                assertThat(points[p]).isCloseTo(exact.above.doubleValue() / exact.below.doubleValue(), within(1e-15));
            }
        }
    }

    @BeforeEach
    void needsVectors() {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
    }

    @Test
    void separatingUndoesInterleaving() {
        for (int count : new int[] {1, 2, 4, 8}) {
            for (int length : new int[] {1, 7, 32, 45}) {
                float[] x = Samples.random(count, count * length);
                float[] signal = Rows.interleave(x.clone(), new float[x.length], 0, count, length);
                assertThat(signal[0]).isEqualTo(x[0]);
                assertThat(signal[count * length - 1]).isEqualTo(x[count * length - 1]);
                assertThat(signal[length == 1 ? 0 : count]).isEqualTo(x[length == 1 ? 0 : 1]);
                assertThat(Rows.separate(signal.clone(), new float[x.length], 0, count, length)).isEqualTo(x);
            }
        }
    }

    @Test
    void phases() {
        for (int n = 0; n <= 70; n++) {
            float[] x = Samples.random(n, 3 + 8 * n);
            int stride = n + 5;
            float[] split = new float[2 + 8 * stride];
            float[] plain = split.clone();
            Phases.split(x, 3, n, split, 2, stride);
            Phases.plainSplit(x, 3, 0, n, plain, 2, stride);
            assertThat(split).isEqualTo(plain);
            float[] joined = new float[3 + 8 * n];
            Phases.join(split, 2, stride, n, joined, 3);
            assertThat(Arrays.copyOfRange(joined, 3, joined.length)).isEqualTo(Arrays.copyOfRange(x, 3, x.length));
        }
    }
}

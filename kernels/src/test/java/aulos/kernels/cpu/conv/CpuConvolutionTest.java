// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import static aulos.kernels.cpu.conv.ConvCase.noise;
import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.kernels.cpu.conv.bilinear.FiveTapConvolution;
import aulos.kernels.cpu.conv.bilinear.FourierConvolution;
import aulos.kernels.cpu.conv.bilinear.FourierCorrelation;
import aulos.kernels.cpu.conv.bilinear.GroupedConvolution;
import aulos.kernels.cpu.conv.bilinear.GroupedCorrelation;
import aulos.kernels.cpu.conv.bilinear.WinogradCorrelation;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The three convolutions against their formulas in double, with everything that may be fused into them. */
@Tag("cpu")
class CpuConvolutionTest {

    /** Every column of sizes takes its smallest value, odd values and values beyond a tile somewhere. */
    static Stream<ConvCase> cases() {
        return Stream.of(
                ConvCase.of(1, 1, 1, 1, 1, 1, 0, 1, 1),
                ConvCase.of(1, 1, 1, 1, 3, 1, 1, 1, 1),
                ConvCase.of(1, 3, 5, 37, 7, 1, 3, 1, 1),
                ConvCase.of(2, 8, 8, 300, 11, 1, 25, 5, 1),
                ConvCase.of(1, 16, 12, 1000, 3, 1, 3, 3, 1),
                ConvCase.of(1, 13, 1, 700, 7, 1, 3, 1, 1),
                ConvCase.of(3, 1, 16, 50, 15, 1, 7, 1, 1),
                ConvCase.of(22, 6, 9, 10, 5, 1, 2, 1, 1),
                ConvCase.of(22, 2, 17, 31, 5, 3, 2, 1, 1),
                ConvCase.of(2, 8, 16, 129, 41, 2, 20, 1, 4),
                ConvCase.of(2, 16, 32, 65, 41, 4, 20, 1, 16),
                ConvCase.of(1, 9, 7, 40, 16, 8, 4, 1, 1),
                ConvCase.of(2, 24, 10, 33, 4, 2, 1, 1, 1),
                ConvCase.of(1, 4, 6, 23, 2, 5, 3, 1, 2),
                ConvCase.of(1, 4, 4, 29, 1, 3, 2, 1, 1),
                ConvCase.of(2, 3, 4, 20, 3, 1, 9, 2, 1),
                ConvCase.of(2, 3, 4, 5, 3, 2, 11, 4, 1),
                ConvCase.of(1, 5, 3, 12, 4, 3, 0, 2, 1),
                ConvCase.of(1, 500, 9, 40, 5, 1, 2, 1, 1),
                ConvCase.of(1, 2, 2, 90, 5, 2, 12, 7, 2),
                ConvCase.of(1, 2, 2, 9, 3, 4, 2, 4, 1),
                // Long filters in groups: these go through Fourier transforms.
                ConvCase.of(2, 32, 32, 429, 41, 2, 20, 1, 2),
                ConvCase.of(5, 32, 32, 40, 41, 1, 20, 1, 2),
                ConvCase.of(1, 32, 32, 700, 33, 1, 7, 1, 2),
                ConvCase.of(3, 32, 64, 50, 65, 1, 70, 1, 2),
                ConvCase.of(2, 32, 64, 453, 70, 4, 11, 1, 2),
                ConvCase.of(1, 128, 64, 40, 41, 1, 20, 1, 2),
                // Filters of 9 to 12 taps after the stride, and longer ones of many channels: by 28 products.
                ConvCase.of(3, 32, 64, 150, 41, 4, 20, 1, 2),
                ConvCase.of(5, 64, 64, 37, 12, 1, 5, 1, 2),
                ConvCase.of(1, 16, 32, 300, 18, 2, 0, 1, 2),
                ConvCase.of(2, 128, 128, 40, 41, 1, 20, 1, 2),
                ConvCase.of(1, 128, 128, 30, 25, 1, 30, 1, 2),
                ConvCase.of(2, 128, 256, 61, 27, 2, 3, 1, 2),
                // Of these, the gradients in the weight go through Fourier transforms.
                ConvCase.of(3, 64, 32, 100, 19, 1, 25, 1, 1),
                ConvCase.of(2, 32, 32, 430, 43, 2, 3, 1, 1),
                // As many channels out as in: these go through transforms.
                ConvCase.of(1, 32, 32, 1, 3, 1, 1, 1, 1),
                ConvCase.of(1, 33, 33, 37, 3, 1, 1, 1, 1),
                ConvCase.of(2, 17, 17, 301, 7, 1, 9, 3, 1),
                ConvCase.of(1, 21, 21, 401, 11, 1, 25, 5, 1),
                ConvCase.of(2, 17, 17, 333, 7, 1, 18, 6, 1),
                ConvCase.of(1, 16, 16, 500, 7, 1, 36, 12, 1),
                ConvCase.of(1, 16, 16, 50, 12, 1, 0, 2, 1),
                ConvCase.of(3, 16, 16, 23, 8, 1, 7, 1, 1),
                ConvCase.of(2, 24, 24, 500, 9, 1, 1, 4, 1),
                ConvCase.of(1, 32, 32, 301, 5, 1, 2, 1, 1),
                ConvCase.of(2, 64, 64, 333, 5, 1, 12, 6, 1),
                ConvCase.of(1, 128, 128, 150, 5, 1, 2, 1, 1),
                ConvCase.of(1, 24, 24, 333, 5, 1, 4, 2, 1),
                // Wide: columns laid out, pieces that end within a channel, phases without taps, odd channel counts.
                ConvCase.of(4, 64, 72, 10, 5, 1, 2, 1, 1),
                ConvCase.of(22, 64, 66, 10, 5, 1, 2, 1, 1),
                ConvCase.of(3, 70, 65, 31, 5, 3, 2, 1, 1),
                ConvCase.of(2, 330, 64, 12, 3, 2, 1, 1, 1),
                ConvCase.of(2, 64, 66, 40, 2, 5, 3, 1, 1),
                ConvCase.of(35, 64, 64, 20, 4, 1, 3, 2, 1),
                // Wide, five taps: tiles of five, whole and cut, odd channel counts.
                ConvCase.of(3, 256, 256, 7, 5, 1, 2, 1, 1),
                ConvCase.of(2, 261, 263, 10, 5, 1, 0, 1, 1),
                ConvCase.of(1, 256, 260, 5, 5, 1, 6, 1, 1),
                ConvCase.of(2, 1024, 256, 4, 5, 1, 2, 1, 1),
                // Wide, five taps of stride 3: as many samples as fill tiles, one more, two fewer.
                ConvCase.of(2, 256, 256, 27, 5, 3, 2, 1, 1),
                ConvCase.of(3, 261, 263, 28, 5, 3, 2, 1, 1),
                ConvCase.of(3, 128, 256, 25, 5, 3, 2, 1, 1),
                ConvCase.of(3, 256, 128, 20, 5, 3, 2, 1, 1),
                ConvCase.of(2, 512, 256, 10, 5, 3, 2, 1, 1),
                // Grouped, on few columns.
                ConvCase.of(2, 32, 64, 33, 41, 1, 20, 1, 2),
                ConvCase.of(3, 9, 51, 40, 7, 2, 3, 1, 3),
                ConvCase.of(1, 40, 20, 600, 15, 1, 7, 1, 1));
    }

    private static Stream<Fusion> fusions() {
        return Stream.of(Fusion.NONE, Fusion.NONE.withBias(true).withInputSlope(.1),
                Fusion.NONE.withResiduals(2).withScale(1 / 3.0), new Fusion(.01, true, 1, .5, true));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forwardIsTheFormula(ConvCase c) {
        float[] x = noise(c.x().size(), 1);
        float[] w = noise(c.w().size(), 2);
        float[] bias = noise(c.cout(), 3);
        fusions().forEach(fusion -> {
            List<float[]> residuals = ConvCase.residuals(fusion, c.y());
            double[] sums = c.sums(ConvCase.leaky(x, fusion.inputSlope()), w);
            assertClose(c, c.forward(2, fusion, x, w, bias, residuals),
                    ConvCase.finish(sums, fusion, c.y(), bias, residuals), sums, " " + fusion);
        });
    }

    /** With hundreds of channels single outputs stray further than above: what counts is the error as a whole. */
    @ParameterizedTest
    @CsvSource({"256, 3", "256, 7", "256, 11", "64, 5"})
    void transformsOfWideLayersAreExactToTwoInAMillion(int channels, int taps) {
        ConvCase c = ConvCase.of(1, channels, channels, 64, taps, 1, taps / 2, 1, 1);
        float[] x = noise(c.x().size(), 1);
        float[] w = noise(c.w().size(), 2);
        double[] sums = c.sums(ConvCase.leaky(x, 1), w);
        assertThat(relativeError(c.forward(2, Fusion.NONE, x, w, null, List.of()), sums)).isBetween(1e-8, 2e-6);
    }

    private static double relativeError(float[] actual, double[] expected) {
        double error = 0;
        double power = 0;
        for (int i = 0; i < expected.length; i++) {
            error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            power += expected[i] * expected[i];
        }
        return Math.sqrt(error / power);
    }

    static Stream<ConvCase> residualBlocks() {
        return Stream.of(
                ConvCase.of(2, 128, 128, 131, 3, 1, 1, 1, 1),
                ConvCase.of(3, 64, 32, 197, 11, 1, 0, 5, 1),
                ConvCase.of(2, 64, 96, 200, 7, 1, 9, 3, 1),
                ConvCase.of(1, 32, 32, 459, 12, 1, 70, 4, 1),
                ConvCase.of(130, 64, 64, 2, 8, 1, 7, 2, 1));
    }

    /** As above: by few products, sums over many columns stray further than those of {@link #cases}. */
    @ParameterizedTest
    @MethodSource("residualBlocks")
    void gradientsInTheWeightAreExactToTwoInAMillion(ConvCase c) {
        assertThat(WinogradCorrelation.suits(c.spec(), c.w(), c.y())).isTrue();
        checkGradientInTheWeight(c);
    }

    /** Of one to five parts; tiles summed in several goes, which end within a segment or hold many of them. */
    static Stream<ConvCase> longFilters() {
        return Stream.of(
                ConvCase.of(6, 32, 64, 500, 41, 4, 20, 1, 2),
                ConvCase.of(1, 16, 64, 1300, 18, 2, 0, 1, 2),
                ConvCase.of(3, 128, 128, 300, 41, 1, 20, 1, 2),
                ConvCase.of(1, 128, 128, 700, 60, 2, 3, 1, 2),
                ConvCase.of(40, 128, 128, 12, 41, 1, 20, 1, 2),
                ConvCase.of(2, 128, 128, 90, 55, 1, 70, 1, 2));
    }

    @ParameterizedTest
    @MethodSource("longFilters")
    void gradientsInTheWeightOfLongFiltersAreExactToTwoInAMillion(ConvCase c) {
        assertThat(GroupedCorrelation.suits(c.spec(), c.w(), c.y())).isTrue();
        checkGradientInTheWeight(c);
    }

    private static void checkGradientInTheWeight(ConvCase c) {
        float[] x = noise(c.x().size(), 1);
        float[] g = noise(c.y().size(), 2);
        double[] sums = c.weightSums(ConvCase.leaky(x, .1), ConvCase.leaky(g, .5));
        float[] actual = c.weightGradient(2, .1, .5, x, g);
        assertThat(relativeError(actual, sums)).isBetween(1e-8, 2e-6);
        assertThat(c.weightGradient(1, .1, .5, x, g)).isEqualTo(actual);
        assertThat(c.weightGradient(3, .1, .5, x, g)).isEqualTo(actual);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inputGradientIsTheFormula(ConvCase c) {
        float[] g = noise(c.y().size(), 1);
        float[] w = noise(c.w().size(), 2);
        float[] bias = noise(c.cin(), 3);
        fusions().forEach(fusion -> {
            List<float[]> residuals = ConvCase.residuals(fusion, c.x());
            double[] sums = c.inputSums(ConvCase.leaky(g, fusion.inputSlope()), w);
            assertClose(c, c.inputGradient(2, fusion, g, w, bias, residuals),
                    ConvCase.finish(sums, fusion, c.x(), bias, residuals), sums, " " + fusion);
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void weightGradientIsTheFormula(ConvCase c) {
        float[] x = noise(c.x().size(), 1);
        float[] g = noise(c.y().size(), 2);
        for (double slope : new double[] {1, .1}) {
            double[] sums = c.weightSums(ConvCase.leaky(x, slope), ConvCase.leaky(g, slope * slope));
            assertClose(c, c.weightGradient(2, slope, slope * slope, x, g), sums, sums, "");
        }
    }

    /** Sizes that give several tasks, whole tiles and cut ones, and a time axis in parts. */
    static Stream<ConvCase> largeCases() {
        return Stream.of(
                ConvCase.of(2, 24, 20, 2500, 5, 1, 6, 3, 1),
                ConvCase.of(1, 8, 8, 20_000, 3, 1, 1, 1, 1),
                ConvCase.of(1, 20, 6, 900, 16, 8, 4, 1, 2),
                ConvCase.of(2, 32, 32, 6000, 3, 1, 1, 1, 1),
                ConvCase.of(2, 32, 32, 3000, 11, 1, 25, 5, 1),
                ConvCase.of(3, 16, 16, 2000, 7, 1, 36, 12, 1),
                ConvCase.of(40, 12, 40, 31, 5, 3, 2, 1, 1),
                ConvCase.of(5, 130, 70, 23, 5, 3, 2, 1, 1),
                ConvCase.of(3, 72, 160, 40, 7, 1, 3, 1, 1),
                ConvCase.of(41, 256, 300, 16, 5, 1, 2, 1, 1),
                ConvCase.of(65, 256, 300, 28, 5, 3, 2, 1, 1),
                ConvCase.of(2, 16, 64, 300, 9, 1, 4, 1, 2),
                ConvCase.of(6, 32, 32, 90, 41, 1, 20, 1, 2),
                ConvCase.of(6, 64, 64, 500, 41, 4, 20, 1, 2),
                ConvCase.of(3, 128, 128, 570, 41, 1, 20, 1, 2),
                ConvCase.of(3, 32, 32, 2300, 41, 2, 20, 1, 2));
    }

    /** Those that are meant to try an algorithm get it. */
    @Test
    void longFiltersGoThroughTransforms() {
        assertThat(cases().filter(c -> FourierConvolution.ALGORITHM.suits(c.spec(), c.w(), false))).hasSizeGreaterThanOrEqualTo(6);
        assertThat(largeCases().filter(c -> FourierConvolution.ALGORITHM.suits(c.spec(), c.w(), false))).hasSizeGreaterThanOrEqualTo(2);
        assertThat(cases().filter(c -> GroupedConvolution.ALGORITHM.suits(c.spec(), c.w(), false))).hasSizeGreaterThanOrEqualTo(6);
        assertThat(largeCases().filter(c -> GroupedConvolution.ALGORITHM.suits(c.spec(), c.w(), false))).hasSizeGreaterThanOrEqualTo(2);
        assertThat(cases().filter(c -> GroupedCorrelation.suits(c.spec(), c.w(), c.y())))
                .hasSizeGreaterThanOrEqualTo(6);
        assertThat(largeCases().filter(c -> GroupedCorrelation.suits(c.spec(), c.w(), c.y())))
                .hasSizeGreaterThanOrEqualTo(2);
        assertThat(cases().filter(CpuConvolutionTest::goesThroughFourierCorrelation)).hasSizeGreaterThanOrEqualTo(4);
        assertThat(largeCases().filter(CpuConvolutionTest::goesThroughFourierCorrelation)).isNotEmpty();
    }

    private static boolean goesThroughFourierCorrelation(ConvCase c) {
        return !GroupedCorrelation.suits(c.spec(), c.w(), c.y()) && FourierCorrelation.suits(c.spec(), c.w(), c.y());
    }

    @ParameterizedTest
    @MethodSource("largeCases")
    void bitsDoNotDependOnThreads(ConvCase c) {
        Fusion fusion = new Fusion(.1, true, 1, .5, true);
        float[] x = noise(c.x().size(), 1);
        float[] g = noise(c.y().size(), 2);
        float[] w = noise(c.w().size(), 3);
        float[] bias = noise(Math.max(c.cin(), c.cout()), 4);
        for (int threads = 2; threads <= 3; threads++) {
            assertThat(c.forward(threads, fusion, x, w, bias, List.of(g)))
                    .isEqualTo(c.forward(1, fusion, x, w, bias, List.of(g)));
            assertThat(c.inputGradient(threads, fusion, g, w, bias, List.of(x)))
                    .isEqualTo(c.inputGradient(1, fusion, g, w, bias, List.of(x)));
            assertThat(c.weightGradient(threads, .1, 1, x, g)).isEqualTo(c.weightGradient(1, .1, 1, x, g));
        }
    }

    @ParameterizedTest
    @MethodSource("largeCases")
    void bitsDoNotDependOnTheBatch(ConvCase c) {
        ConvCase single = new ConvCase(1, c.cin(), c.cout(), c.length(), c.kernel(), c.spec());
        Fusion fusion = new Fusion(.1, true, 0, .5, true);
        float[] x = noise(c.x().size(), 1);
        float[] g = noise(c.y().size(), 2);
        float[] w = noise(c.w().size(), 3);
        float[] bias = noise(Math.max(c.cin(), c.cout()), 4);
        float[] y = c.forward(2, fusion, x, w, bias, List.of());
        float[] gx = c.inputGradient(2, fusion, g, w, bias, List.of());
        for (int b = 0; b < c.batch(); b++) {
            float[] part = single.forward(2, fusion, segment(x, b, single.x().size()), w, bias, List.of());
            assertThat(part).isEqualTo(segment(y, b, part.length));
            part = single.inputGradient(2, fusion, segment(g, b, single.y().size()), w, bias, List.of());
            assertThat(part).isEqualTo(segment(gx, b, part.length));
        }
    }

    private static float[] segment(float[] values, int index, int size) {
        return Arrays.copyOfRange(values, index * size, (index + 1) * size);
    }

    @Test
    void aWindowOfALongerInputGivesTheSameBits() {
        int channels = 12;
        int kernel = 7;
        ConvSpec spec = ConvSpec.same(kernel, 3);
        ConvCase whole = new ConvCase(1, channels, 9, 1500, kernel, spec);
        Fusion fusion = new Fusion(.1, true, 0, .5, true);
        float[] x = noise(whole.x().size(), 1);
        float[] w = noise(whole.w().size(), 2);
        float[] bias = noise(9, 3);
        float[] y = whole.forward(2, fusion, x, w, bias, List.of());
        for (int from : new int[] {0, 1, 100, 511, 1117}) {
            for (int length : new int[] {60, 133, 383}) {
                ConvCase window = new ConvCase(1, channels, 9, length, kernel, spec);
                float[] part = new float[channels * length];
                for (int c = 0; c < channels; c++) {
                    System.arraycopy(x, c * 1500 + from, part, c * length, length);
                }
                float[] result = window.forward(2, fusion, part, w, bias, List.of());
                int edge = spec.padding();
                for (int o = 0; o < 9; o++) {
                    assertThat(Arrays.copyOfRange(result, o * length + edge, (o + 1) * length - edge)).isEqualTo(
                            Arrays.copyOfRange(y, o * 1500 + from + edge, o * 1500 + from + length - edge));
                }
            }
        }
    }

    static Stream<ConvCase> tiledCases() {
        return Stream.of(
                ConvCase.of(1, 32, 32, 3000, 3, 1, 1, 1, 1),
                ConvCase.of(1, 16, 16, 3000, 7, 1, 9, 3, 1),
                ConvCase.of(1, 16, 16, 3000, 11, 1, 25, 5, 1),
                ConvCase.of(1, 16, 16, 3000, 9, 1, 24, 6, 1),
                ConvCase.of(1, 16, 16, 3000, 7, 1, 36, 12, 1),
                ConvCase.of(1, 256, 256, 800, 5, 1, 2, 1, 1),
                ConvCase.of(1, 32, 32, 3000, 41, 1, 20, 1, 2),
                ConvCase.of(1, 128, 128, 1000, 41, 1, 20, 1, 2));
    }

    /** What {@link CpuConvolution#reach} promises: the same bits from another grid point on, but near the edges. */
    @ParameterizedTest
    @MethodSource("tiledCases")
    void aWindowOnTheGridGivesTheSameBits(ConvCase whole) {
        Backend.Reach reach;
        try (WorkerPool pool = new WorkerPool(1)) {
            reach = ConvCase.convolution(pool).reach(whole.spec(), whole.w());
        }
        int tile = whole.kernel() == 5 ? 5 : 8 * Integer.lowestOneBit(whole.spec().dilation());
        assertThat(reach.grid()).isEqualTo(whole.cin() == 32 && whole.kernel() == 41 ? 32 : tile);
        int channels = whole.cin();
        Fusion fusion = new Fusion(.1, true, 0, .5, true);
        float[] x = noise(whole.x().size(), 1);
        float[] w = noise(whole.w().size(), 2);
        float[] bias = noise(channels, 3);
        float[] y = whole.forward(2, fusion, x, w, bias, List.of());
        for (int grid : new int[] {1, 5, 17}) {
            int from = grid * reach.grid();
            int length = reach.before() + reach.after() + 41 * grid;
            ConvCase window = new ConvCase(1, channels, channels, length, whole.kernel(), whole.spec());
            float[] part = new float[channels * length];
            for (int c = 0; c < channels; c++) {
                System.arraycopy(x, c * whole.length() + from, part, c * length, length);
            }
            float[] result = window.forward(2, fusion, part, w, bias, List.of());
            for (int o = 0; o < channels; o++) {
                int at = o * whole.length() + from;
                assertThat(Arrays.copyOfRange(result, o * length + reach.before(), (o + 1) * length - reach.after()))
                        .isEqualTo(Arrays.copyOfRange(y, at + reach.before(), at + length - reach.after()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tiledCases")
    void exactlyMeansWithoutTransforms(ConvCase c) {
        try (WorkerPool pool = new WorkerPool(1)) {
            assertThat(new CpuConvolution(pool, new BufferPool(0), true).reach(c.spec(), c.w()))
                    .isEqualTo(Backend.Reach.exact(c.spec(), c.kernel()));
        }
    }

    /** 5120 equal products, as many as a wide discriminator layer has: added one by one they drift by 3e-5. */
    @Test
    void longSumsStayExact() {
        ConvCase c = ConvCase.of(1, 1024, 8, 40, 5, 1, 0, 1, 1);
        float[] x = new float[c.x().size()];
        float[] w = new float[c.w().size()];
        Arrays.fill(x, 0.1f);
        Arrays.fill(w, 0.3f);
        for (float y : c.forward(2, Fusion.NONE, x, w, null, List.of())) {
            assertThat(y / (5120 * (double) 0.1f * 0.3f)).isBetween(1 - 1e-5, 1 + 1e-5);
        }
    }

    @Test
    void packedWeightsAreKeptUntilTheContentChanges() {
        ConvCase c = ConvCase.of(1, 2, 3, 10, 3, 1, 1, 1, 1);
        Operand weight = new Operand(c.w(), new CpuBuffer(noise(c.w().size(), 1), c.w().size()));
        Operand x = new Operand(c.x(), new CpuBuffer(noise(c.x().size(), 2), c.x().size()));
        Operand y = new Operand(c.y(), new CpuBuffer(new float[c.y().size()], c.y().size()));
        try (WorkerPool pool = new WorkerPool(1)) {
            BufferPool buffers = new BufferPool(0);
            ConvJob job = new ConvJob(new Workspace(pool, buffers), false, c.spec(), Fusion.NONE, y,
                    new Operand[] {x, weight});
            TapGeometry geometry = TapGeometry.of(job);
            float[] packed = PackedTaps.of(job, geometry).weights();
            assertThat(PackedTaps.of(job, geometry).weights()).isSameAs(packed);
            buffers.dropDerived((CpuBuffer) weight.buffer());
            assertThat(PackedTaps.of(job, geometry).weights()).isNotSameAs(packed).isEqualTo(packed);
        }
    }

    /**
     * Relative to the largest of the sums: they cancel, so a small one is as uncertain as a large one. Nine points for
     * five outputs cost more digits than all other forms ({@code NinePoints}).
     */
    private static void assertClose(ConvCase c, float[] actual, double[] expected, double[] sums, String what) {
        double largest = Arrays.stream(sums).map(Math::abs).max().orElseThrow();
        double bound = (FiveTapConvolution.ALGORITHM.suits(c.spec(), c.w(), false) ? 5e-6 : 2e-6) * Math.max(largest, 1);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= bound)) {
                throw new AssertionError(c + what + ": element " + i + " is " + actual[i] + ", expected " + expected[i]);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Kernel;
import aulos.engine.Precision;
import aulos.engine.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernels whose taps share a tile of the input, and the gradient in the weight, forced on the device at hand: each
 * tile on a layer, and one of each kind
 * on all layers. PoCL takes seconds to compile some of them, so all of it is done where CI is set only.
 */
class SharedTilesTest {
    private static final DirectTile DIRECT = new DirectTile(8, 4, 4, 4, 4, 2, 0);
    private static final MmaTile MMA = new MmaTile(1, 2, 1, 2, 2, 0);
    private static final Map<ConvLayer, double[]> EXPECTED = new HashMap<>();
    private static final Map<ConvLayer, double[]> FIVE_BITS = new HashMap<>();

    /** Layers of fewer operations have all that can go wrong with a fragment; PoCL takes long for what stands in for it. */
    private static final double FEW = 3e6;

    private static OpenClBackend backend;
    private static ConvPlan forced;

    @BeforeAll
    static void open() {
        backend = new OpenClBackend(0, Devices.info(), ProgramFiles.usual(), problem -> forced);
    }

    /** All where CI is set; else one. */
    private static List<ConvTile> some(Class<? extends ConvTile> kind) {
        List<ConvTile> all = ConvTiles.gpu().stream().filter(kind::isInstance).toList();
        return System.getenv("CI") == null ? all.subList(all.size() - 1, all.size()) : all;
    }

    static Stream<ConvTile> direct() {
        return some(DirectTile.class).stream();
    }

    static Stream<Arguments> mma() {
        return some(MmaTile.class).stream()
                .flatMap(tile -> Stream.of(Precision.TF32, Precision.BF16).map(precision -> Arguments.of(tile, precision)));
    }

    /** Another one for each tile. */
    private static ConvLayer way(ConvTile tile) {
        return ConvCases.ways().get(ConvTiles.gpu().indexOf(tile) % ConvCases.ways().size());
    }

    @ParameterizedTest
    @MethodSource("direct")
    void everyDirectTile(DirectTile tile) {
        compare(tile, way(tile));
    }

    @Test
    void everyConvolutionDirectly() {
        Stream<ConvLayer> layers = System.getenv("CI") == null ? ConvCases.ways().stream() : taps();
        layers.forEach(layer -> compare(DIRECT, layer));
        assertThat(backend.liveBuffers()).isZero();
    }

    static Stream<Arguments> wgmma() {
        return some(WgmmaTile.class).stream()
                .flatMap(tile -> Stream.of(Precision.TF32, Precision.BF16).map(precision -> Arguments.of(tile, precision)));
    }

    @ParameterizedTest
    @MethodSource("wgmma")
    void everyTileOfHopper(WgmmaTile tile, Precision precision) {
        exact(new ConvPlan(tile, 1), precision, List.of(way(tile)));
    }

    /** Strides, groups, phases, more channels than a tile has; all that have no short segments. */
    @Test
    void everyConvolutionOnHopper() {
        WgmmaTile tile = new WgmmaTile(1, 64);
        for (Precision precision : List.of(Precision.TF32, Precision.BF16)) {
            List<ConvLayer> layers = taps().filter(layer -> !ConvCases.hasFractions(layer) && layer.flop() < FEW)
                    .filter(layer -> tile.isFor(layer.problem(precision))).toList();
            assertThat(layers).isNotEmpty();
            exact(new ConvPlan(tile, 1), precision, System.getenv("CI") == null ? layers.subList(0, 1) : layers);
        }
    }

    static Stream<ConvTile> toom() {
        return some(ToomTile.class).stream();
    }

    @ParameterizedTest
    @MethodSource("toom")
    void everyTileOfToomAndCook(ToomTile tile) {
        compare(tile, ConvCases.ways().getFirst());
    }

    /** Three taps in one group, 11 in three with one that does not exist, dilation, groups of channels, both directions. */
    @Test
    void everyConvolutionByFewerProducts() {
        ToomTile tile = new ToomTile(4, 8, 0);
        List<ConvLayer> layers = taps().filter(layer -> tile.isFor(layer.problem(Precision.FLOAT32))).toList();
        assertThat(layers).hasSizeGreaterThan(6).anyMatch(layer -> layer.in().get(1).dim(2) == 11)
                .anyMatch(layer -> layer.kernel() instanceof Kernel.ConvInputGradient);
        layers.stream().filter(layer -> System.getenv("CI") != null || layer.in().get(1).dim(2) == 11)
                .forEach(layer -> compare(tile, layer));
    }

    static Stream<ConvTile> gradient() {
        return some(GradientTile.class).stream();
    }

    @ParameterizedTest
    @MethodSource("gradient")
    void everyTileOfGradientsInTheWeight(GradientTile tile) {
        compare(tile, ConvCases.weight());
    }

    /** In one part and in three. Of 41 taps by 3 two of 16 work-items have none, and must not write elsewhere. */
    @Test
    void everyGradientInTheWeight() {
        GradientTile tile = new GradientTile(16, 2, 4, 5, 16);
        Stream<ConvLayer> layers = ConvCases.layers().stream().filter(layer -> layer.problem(Precision.FLOAT32).weight());
        layers.filter(layer -> System.getenv("CI") != null || layer.out().dim(2) == 41).forEach(layer -> {
            compare(new ConvPlan(tile, 1), layer);
            compare(new ConvPlan(tile, 3), layer);
        });
    }

    static Stream<Arguments> gradientMma() {
        return some(GradientMmaTile.class).stream()
                .flatMap(tile -> Stream.of(Precision.TF32, Precision.BF16).map(precision -> Arguments.of(tile, precision)));
    }

    @ParameterizedTest
    @MethodSource("gradientMma")
    void everyTileOfGradientsInTheWeightOnTensorCores(GradientMmaTile tile, Precision precision) {
        exact(new ConvPlan(tile, 1), precision, List.of(ConvCases.weight()));
    }

    /** Short segments that fill no eight, strides, groups, 41 taps by 11 of which some do not exist; in parts. */
    @Test
    void everyGradientInTheWeightOnTensorCores() {
        GradientMmaTile tile = new GradientMmaTile(1, 4, 1, 12, 16, 0);
        List<ConvLayer> layers = ConvCases.layers().stream().filter(layer -> layer.problem(Precision.FLOAT32).weight())
                .filter(layer -> !ConvCases.hasFractions(layer))
                .filter(layer -> System.getenv("CI") != null && layer.flop() < FEW || layer.out().dim(2) == 41).toList();
        assertThat(layers).isNotEmpty();
        exact(new ConvPlan(tile, 1), Precision.TF32, layers);
        exact(new ConvPlan(tile, 3), Precision.BF16, layers);
    }

    @ParameterizedTest
    @MethodSource("mma")
    void everyTileOfTensorCores(MmaTile tile, Precision precision) {
        exact(new ConvPlan(tile, 1), precision, List.of(way(tile)));
    }

    @Test
    void everyConvolutionOnTensorCores() {
        List<ConvLayer> ways = ConvCases.ways();
        List<ConvLayer> all = taps().filter(layer -> !ConvCases.hasFractions(layer)).toList();
        exact(new ConvPlan(MMA, 1), Precision.TF32, System.getenv("CI") == null ? ways.subList(0, 1) : all);
        exact(new ConvPlan(MMA, 1), Precision.BF16, System.getenv("CI") == null ? ways.subList(1, ways.size()) : all);
    }

    private static Stream<ConvLayer> taps() {
        return ConvCases.layers().stream().filter(layer -> !layer.problem(Precision.FLOAT32).weight());
    }

    private static void compare(ConvTile tile, ConvLayer layer) {
        compare(new ConvPlan(tile, 1), layer);
    }

    private static void compare(ConvPlan plan, ConvLayer layer) {
        double[] expected = EXPECTED.computeIfAbsent(layer, key -> ConvCases.run(new ReferenceBackend(), key).doubles());
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        forced = plan;
        float[] actual = ConvCases.run(backend, layer).floats();
        for (int i = 0; i < actual.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i])).as("%s, element %d", layer, i)
                    .isLessThanOrEqualTo(5e-6 * largest);
        }
        assertThat(ConvCases.run(backend, layer).floats()).as("%s: the same bits again", layer).isEqualTo(actual);
    }

    /** Numbers of five bits lose nothing in rounding, so their sums are those of float32. */
    private static void exact(ConvPlan plan, Precision precision, List<ConvLayer> layers) {
        try {
            backend.emulateConvolutionPrecision(precision);
            forced = plan;
            for (ConvLayer layer : layers) {
                double[] expected = FIVE_BITS.computeIfAbsent(layer,
                        key -> ConvCases.run(new ReferenceBackend(), key, ConvCases::fiveBits).doubles());
                assertThat(ConvCases.run(backend, layer, ConvCases::fiveBits).doubles()).as("%s", layer)
                        .isEqualTo(expected);
            }
        } finally {
            backend.emulateConvolutionPrecision(Precision.FLOAT32);
        }
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }
}

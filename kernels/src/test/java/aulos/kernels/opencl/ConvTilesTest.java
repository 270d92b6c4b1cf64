// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Precision;
import aulos.engine.Shape;
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

/** Every tile that can be chosen on any kind of device, forced on the one at hand, against the reference backend. */
class ConvTilesTest {
    private static final List<ConvLayer> LAYERS = ConvCases.layers();
    private static final Map<ConvLayer, double[]> EXPECTED = new HashMap<>();

    private static OpenClBackend backend;
    private static ConvPlan forced;

    static Stream<MatrixTile> tiles() {
        return Stream.of(ConvTiles.cpu(), ConvTiles.gpu()).flatMap(List::stream).filter(MatrixTile.class::isInstance)
                .map(MatrixTile.class::cast);
    }

    @BeforeAll
    static void open() {
        backend = new OpenClBackend(0, Devices.info(), ProgramFiles.usual(), problem -> forced);
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void agreesWithTheReference(MatrixTile tile) {
        for (ConvLayer layer : LAYERS) {
            if (layer.problem(Precision.FLOAT32).weight() != (tile.kernel() == ConvKernel.WEIGHT)) {
                continue;
            }
            double[] expected = EXPECTED.computeIfAbsent(layer, key -> ConvCases.run(new ReferenceBackend(), key).doubles());
            double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
            for (int splits : new int[] {1, 3}) {
                forced = new ConvPlan(tile, splits);
                float[] actual = ConvCases.run(backend, layer).floats();
                for (int i = 0; i < actual.length; i++) {
                    assertThat(Math.abs(actual[i] - expected[i])).as("%s in %d parts, element %d", layer, splits, i)
                            .isLessThanOrEqualTo(5e-6 * largest);
                }
                assertThat(ConvCases.run(backend, layer).floats()).as("%s: the same bits again", layer).isEqualTo(actual);
            }
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    /** In every precision that they take: all where CI is set, else one, as PoCL takes long to compile them. */
    static Stream<Arguments> tensorCoreTiles() {
        return tiles().filter(tile -> tile.kernel() != ConvKernel.FEW)
                .filter(tile -> System.getenv("CI") != null || tile.groupSize() == 64)
                .flatMap(tile -> Stream.of(Precision.TF32, Precision.BF16).filter(tile::takes)
                        .map(precision -> Arguments.of(tile, precision)));
    }

    /**
     * The way of every value through the fragments of the tensor cores, which plain code stands in for: numbers of five
     * bits lose nothing, so their sums are those of float32.
     */
    @ParameterizedTest
    @MethodSource("tensorCoreTiles")
    void tensorCoresGetTheRightOperands(MatrixTile tile, Precision precision) {
        try {
            backend.emulateConvolutionPrecision(precision);
            forced = new ConvPlan(tile, 1);
            // The smaller ones have all that can go wrong with a fragment; PoCL takes long for what stands in for it.
            for (ConvLayer layer : LAYERS) {
                if (layer.flop() < 3e6 && layer.problem(Precision.FLOAT32).weight() == (tile.kernel() == ConvKernel.WEIGHT)
                        && !ConvCases.hasFractions(layer)) {
                    double[] expected = ConvCases.run(new ReferenceBackend(), layer, ConvCases::fiveBits).doubles();
                    assertThat(ConvCases.run(backend, layer, ConvCases::fiveBits).doubles()).as("%s", layer)
                            .isEqualTo(expected);
                }
            }
        } finally {
            backend.emulateConvolutionPrecision(Precision.FLOAT32);
        }
    }

    @Test
    void roundsOperandsToThePrecision() {
        float[] values = {1 + 0x1p-10f + 0x1p-11f, 1 + 0x1p-7f + 0x1p-8f};
        List<Shape> operands = List.of(Shape.of(1, 1, 2), Shape.of(1, 1, 1));
        ConvLayer taps = new ConvLayer(new Kernel.Conv(ConvSpec.DEFAULT, Fusion.NONE), Shape.of(1, 1, 2), operands);
        assertThat(rounded(taps, Precision.TF32, values)).containsExactly(1 + 0x1p-9f, values[1]);
        assertThat(rounded(taps, Precision.FLOAT32, values)).containsExactly(values);
        Kernel gradient = new Kernel.ConvWeightGradient(ConvSpec.DEFAULT, 1, 1);
        ConvLayer weight = new ConvLayer(gradient, Shape.of(1, 1, 2), operands);
        assertThat(rounded(weight, Precision.BF16, values)).containsExactly(1, 1 + 0x1p-6f);
    }

    private static float[] rounded(ConvLayer layer, Precision precision, float[] values) {
        ConvTile tile = layer.problem(Precision.FLOAT32).weight()
                ? tiles().filter(t -> t.kernel() == ConvKernel.WEIGHT && t.takes(precision) && t.groupSize() == 64)
                        .findFirst().orElseThrow()
                : precision == Precision.FLOAT32 ? new DirectTile(8, 4, 4, 4, 4, 1, 0) : new MmaTile(1, 1, 1, 1, 1, 0);
        forced = new ConvPlan(tile, 1);
        try {
            backend.emulateConvolutionPrecision(precision);
            return ConvCases.run(backend, layer, (seed, size) -> size == 1 ? new float[] {1} : values).floats();
        } finally {
            backend.emulateConvolutionPrecision(Precision.FLOAT32);
        }
    }

    @Test
    void refusesPrecisionsThatTheDeviceLacks() {
        assumeTrue(Devices.info().computeCapability() < 80, "a device with tensor cores");
        assertThatThrownBy(() -> backend.useConvolutionPrecision(Precision.TF32))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("precision tf32: opencl:0")
                .hasMessageContaining("has no tensor cores for it, an NVIDIA GPU of compute capability 8.0 or later");
        backend.useConvolutionPrecision(Precision.FLOAT32);
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }
}

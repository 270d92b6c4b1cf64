// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.engine.op.OpCases;
import aulos.engine.reference.ReferenceBackend;
import aulos.kernels.Samples;
import java.util.ArrayList;
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
    private static final List<ConvLayer> LAYERS = layers();
    private static final Map<ConvLayer, double[]> EXPECTED = new HashMap<>();

    private static OpenClBackend backend;
    private static ConvPlan forced;

    static Stream<ConvTile> tiles() {
        return Stream.of(ConvTiles.cpu(), ConvTiles.gpu()).flatMap(List::stream);
    }

    @BeforeAll
    static void open() {
        backend = new OpenClBackend(0, Devices.info(), ProgramFiles.usual(), problem -> forced);
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void agreesWithTheReference(ConvTile tile) {
        for (ConvLayer layer : LAYERS) {
            if (layer.problem(Precision.FLOAT32).weight() != (tile.kernel() == ConvKernel.WEIGHT)) {
                continue;
            }
            double[] expected = EXPECTED.computeIfAbsent(layer, key -> run(new ReferenceBackend(), key).doubles());
            double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
            for (int splits : new int[] {1, 3}) {
                forced = new ConvPlan(tile, splits);
                float[] actual = run(backend, layer).floats();
                for (int i = 0; i < actual.length; i++) {
                    assertThat(Math.abs(actual[i] - expected[i])).as("%s in %d parts, element %d", layer, splits, i)
                            .isLessThanOrEqualTo(5e-6 * largest);
                }
                assertThat(run(backend, layer).floats()).as("%s: the same bits again", layer).isEqualTo(actual);
            }
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    /** One of each kernel and precision: PoCL takes long to compile what stands in for the tensor cores. */
    static Stream<Arguments> tensorCoreTiles() {
        return ConvTiles.gpu().stream().filter(tile -> tile.kernel() != ConvKernel.FEW && tile.groupSize() == 64)
                .map(tile -> Arguments.of(tile, tile.kernel() == ConvKernel.TAPS ? Precision.TF32 : Precision.BF16));
    }

    /**
     * The way of every value through the fragments of the tensor cores, which plain code stands in for: numbers of five
     * bits lose nothing, so their sums are those of float32.
     */
    @ParameterizedTest
    @MethodSource("tensorCoreTiles")
    void tensorCoresGetTheRightOperands(ConvTile tile, Precision precision) {
        try {
            backend.emulateConvolutionPrecision(precision);
            forced = new ConvPlan(tile, 1);
            for (ConvLayer layer : LAYERS) {
                if (layer.problem(Precision.FLOAT32).weight() == (tile.kernel() == ConvKernel.WEIGHT) && !hasFractions(layer)) {
                    double[] expected = run(new ReferenceBackend(), layer, ConvTilesTest::fiveBits).doubles();
                    assertThat(run(backend, layer, ConvTilesTest::fiveBits).doubles()).as("%s", layer)
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
        ConvKernel kernel = layer.problem(Precision.FLOAT32).weight() ? ConvKernel.WEIGHT : ConvKernel.TAPS;
        forced = new ConvPlan(tensorCoreTiles().map(arguments -> (ConvTile) arguments.get()[0])
                .filter(tile -> tile.kernel() == kernel).findFirst().orElseThrow(), 1);
        try {
            backend.emulateConvolutionPrecision(precision);
            return run(backend, layer, (seed, size) -> size == 1 ? new float[] {1} : values).floats();
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

    /** A slope or a scale that makes numbers of five bits longer. */
    private static boolean hasFractions(ConvLayer layer) {
        return switch (layer.kernel()) {
            case Kernel.Conv conv -> hasFractions(conv.fusion());
            case Kernel.ConvInputGradient gradient -> hasFractions(gradient.fusion());
            case Kernel.ConvWeightGradient gradient -> gradient.inputSlope() != 1;
            default -> throw new AssertionError(layer);
        };
    }

    private static boolean hasFractions(Fusion fusion) {
        return fusion.inputSlope() != 1 || fusion.scale() != 1 || fusion.tanh();
    }

    private static float[] fiveBits(long seed, int size) {
        float[] values = Samples.random(seed, size);
        for (int i = 0; i < size; i++) {
            values[i] = Math.round(values[i] * 16) / 16f;
        }
        return values;
    }

    private static List<ConvLayer> layers() {
        List<ConvLayer> layers = new ArrayList<>();
        for (OpCases.Case row : OpCases.all()) {
            Shape out = row.op().shape(row.shapes());
            row.op().kernel(row.shapes(), out).filter(ConvLayer::isConvolution)
                    .ifPresent(kernel -> layers.add(new ConvLayer(kernel, out, row.shapes())));
        }
        // Beyond one tile in every direction, and a stride at which a vector's ends in two segments are as far apart as
        // in one: batch, Cin, Cout, length, kernel; stride, padding, dilation, groups.
        for (int[] g : new int[][] {{4, 2, 5, 29, 3, 3, 1, 1, 1}, {3, 70, 130, 37, 5, 3, 2, 1, 1}, {2, 130, 70, 161, 11, 1, 25, 5, 1},
            {1, 48, 64, 301, 41, 2, 20, 1, 4}, {2, 20, 33, 33, 4, 2, 2, 3, 1}}) {
            ConvSpec spec = new ConvSpec(g[5], g[6], g[7], g[8]);
            Shape x = Shape.of(g[0], g[1], g[3]);
            Shape w = Shape.of(g[2], g[1] / g[8], g[4]);
            Shape y = Shape.of(g[0], g[2], spec.outputLength(g[3], g[4]));
            Fusion fusion = new Fusion(0.1, true, 3, 0.5, false);
            layers.add(new ConvLayer(new Kernel.Conv(spec, fusion), y, List.of(x, w, Shape.of(g[2]), y, y, y)));
            layers.add(new ConvLayer(new Kernel.ConvInputGradient(spec, fusion), x,
                    List.of(y, w, Shape.of(g[1]), x, x, x)));
            layers.add(new ConvLayer(new Kernel.ConvWeightGradient(spec, 0.1, 0.2), w, List.of(x, y)));
            layers.add(new ConvLayer(new Kernel.Conv(spec, Fusion.NONE), y, List.of(x, w)));
            layers.add(new ConvLayer(new Kernel.ConvInputGradient(spec, Fusion.NONE), x, List.of(y, w)));
            layers.add(new ConvLayer(new Kernel.ConvWeightGradient(spec, 1, 1), w, List.of(x, y)));
        }
        // Whole vectors through tanh, of sums small enough for it not to hide anything.
        Shape y = Shape.of(2, 5, 48);
        layers.add(new ConvLayer(new Kernel.Conv(ConvSpec.same(3, 1), new Fusion(0.1, true, 2, 0.5, true)), y,
                List.of(Shape.of(2, 3, 48), Shape.of(5, 3, 3), Shape.of(5), y, y)));
        return layers;
    }

    /** Values for a seed and a size. */
    private interface Values {
        float[] of(long seed, int size);
    }

    private static NdArray run(Backend device, ConvLayer layer) {
        return run(device, layer, Samples::random);
    }

    private static NdArray run(Backend device, ConvLayer layer, Values values) {
        float[] nan = new float[layer.out().size()];
        Arrays.fill(nan, Float.NaN);
        Operand out = operand(device, NdArray.of(layer.out(), nan));
        List<Operand> in = new ArrayList<>();
        for (Shape shape : layer.in()) {
            in.add(operand(device, NdArray.of(shape, values.of(in.size() + 1, shape.size()))));
        }
        device.run(layer.kernel(), out, in.toArray(Operand[]::new));
        NdArray result = device.download(out.buffer(), layer.out());
        device.free(out.buffer());
        in.forEach(operand -> device.free(operand.buffer()));
        return result;
    }

    private static Operand operand(Backend device, NdArray values) {
        Operand operand = new Operand(values.shape(), device.allocate(values.shape().size()));
        device.upload(operand.buffer(), values);
        return operand;
    }

    @AfterAll
    static void close() {
        if (backend != null) {
            backend.close();
        }
    }
}

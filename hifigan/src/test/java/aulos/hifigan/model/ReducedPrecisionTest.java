// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.testing.Golden;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Audio of a generator that multiplies in TF32 or BF16, as tensor cores do or as plain code does for them. */
class ReducedPrecisionTest {
    private static final String EMULATE = "aulos.opencl.emulate";

    /** Frames that are synthesised: plain code takes its time. */
    private static final int FRAMES = 3;

    private static final double GAIN = 0.6;

    /** The small one, as PoCL takes seconds for each kernel; others where the property says so. */
    static Stream<Arguments> models() {
        return Arrays.stream(System.getProperty("aulos.test.models", "generator_tiny").split(","))
                .flatMap(model -> Stream.of(Arguments.of(model, Precision.TF32, 1e-3), Arguments.of(model, Precision.BF16, 1e-2)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void audioIsCloseToFloat32s(String folder, Precision precision, double bound) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder(folder).resolve("config.json"));
        NdArray mel = Golden.values(folder).get("mel");
        Map<String, NdArray> weights = WeightNorm.fold(config, Fill.generator(config, folder + "/", GAIN));
        String before = System.setProperty(EMULATE, "true");
        try (Backend device = TestDevice.open("opencl"); Backend reference = TestDevice.open("cpu")) {
            float[] expected = audio(config, weights, reference, mel);
            device.useConvolutionPrecision(precision);
            float[] found = audio(config, weights, device, mel);
            double difference = 0;
            double all = 0;
            for (int i = 0; i < expected.length; i++) {
                difference += Math.pow(found[i] - expected[i], 2);
                all += Math.pow(expected[i], 2);
            }
            double error = Math.sqrt(difference / all);
            System.out.printf("%s in %s: %.2e of float32's audio (relative RMS)%n", folder, precision, error);
            // Less than half a bit of the operands would mean that nothing was rounded.
            assertThat(error).isBetween(bound / 100, bound);
        } finally {
            if (before == null) {
                System.clearProperty(EMULATE);
            } else {
                System.setProperty(EMULATE, before);
            }
        }
    }

    private static float[] audio(HifiGanConfig config, Map<String, NdArray> weights, Backend backend, NdArray mel) {
        try (Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Generator generator = new Generator(config, Weights.of(backend, model, weights), WeightForm.PLAIN);
            Shape shape = mel.shape();
            Tensor start = Tensor.of(backend, mel).slice(2, 0, Math.min(FRAMES, shape.dim(2)));
            return generator.forward(start).toArray().floats();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Gradients;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.testing.Close;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.testing.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The generator against the official implementation in float64. */
class GeneratorGoldenTest {
    private static final double GAIN = 0.6;

    @ParameterizedTest
    @CsvSource({"generator_v1, reference", "generator_v1, cpu", "generator_v2, reference", "generator_v2, cpu",
        "generator_v3, reference", "generator_v3, cpu", "generator_hires, reference", "generator_hires, cpu",
        "generator_v1, opencl", "generator_v2, opencl", "generator_v3, opencl", "generator_hires, opencl"})
    void audioOfFullSizeModels(String folder, String device) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder(folder).resolve("config.json"));
        Map<String, NdArray> golden = Golden.values(folder);
        Map<String, NdArray> folded = WeightNorm.fold(config, Fill.generator(config, folder + "/", GAIN));
        try (Backend backend = TestDevice.open(device); Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Generator generator = new Generator(config, Weights.of(backend, model, folded), WeightForm.PLAIN);
            NdArray audio = generator.forward(Tensor.of(backend, golden.get("mel"))).toArray();
            assertThat(Close.maxError(audio, golden.get("audio"))).as("largest error of a sample").isLessThan(1e-6);
            if (backend.isDouble()) {
                assertThat(Close.relativeError(audio, golden.get("audio"))).isLessThan(1e-6);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "opencl"})
    void everyGradientOfTheTinyModel(String device) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder("generator_tiny").resolve("config.json"));
        Map<String, NdArray> golden = Golden.values("generator_tiny");
        Map<String, NdArray> state = new LinkedHashMap<>();
        golden.forEach((name, value) -> {
            if (name.startsWith("param/")) {
                state.put(name.substring("param/".length()), value);
            }
        });
        try (Backend backend = TestDevice.open(device); Scope model = Scope.unattached(); Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            double bound = backend.isDouble() ? 1e-6 : 1e-4;
            Generator generator = new Generator(config, Weights.of(backend, model, state), WeightForm.WEIGHT_NORM);
            Tensor mel = Tensor.of(backend, golden.get("mel"));
            Tensor audio = generator.forward(mel);
            assertThat(Close.maxError(audio.toArray(), golden.get("audio"))).isLessThan(1e-6);

            List<Tensor> wanted = new ArrayList<>(List.of(mel));
            generator.parameters().forEach(parameter -> wanted.add(parameter.tensor()));
            Gradients gradients = tape.gradients(audio, Tensor.of(backend, golden.get("upstream")), wanted);
            tape.check();
            assertThat(Close.relativeError(gradients.of(mel).toArray(), golden.get("grad/mel"))).isLessThan(bound);
            for (Parameter parameter : generator.parameters()) {
                NdArray gradient = gradients.of(parameter.tensor()).toArray();
                assertThat(Close.relativeError(gradient, golden.get("grad/" + parameter.name())))
                        .as(parameter.name()).isLessThan(bound);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Gradients;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.model.Generator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A generator that runs its blocks again has the same gradients, in less memory. */
class RecomputeTest {
    @TempDir
    private Path folder;

    /** All gradients, and the bytes that the tape held for them. */
    private record Outcome(List<NdArray> gradients, long bytes) {}

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void sameGradientsInLessMemory(String device) throws IOException {
        Outcome plain = outcome(device, false);
        Outcome again = outcome(device, true);
        double bound = device.equals("reference") ? 1e-12 : 1e-5;
        for (int i = 0; i < plain.gradients.size(); i++) {
            double[] expected = plain.gradients.get(i).doubles();
            double[] actual = again.gradients.get(i).doubles();
            double size = 0;
            double error = 0;
            for (int k = 0; k < expected.length; k++) {
                size = Math.max(size, Math.abs(expected[k]));
                error = Math.max(error, Math.abs(actual[k] - expected[k]));
            }
            assertThat(error).as("parameter %d", i).isLessThanOrEqualTo(bound * size);
        }
        assertThat(again.bytes).isLessThan(plain.bytes);
    }

    private Outcome outcome(String device, boolean recompute) throws IOException {
        TinyRun run = new TinyRun(folder.resolve(device + recompute), 1);
        try (Backend backend = TestDevice.open(device); Scope model = Scope.unattached(); Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Generator generator = new Generator(run.config(), Weights.random(backend, model, 1), WeightForm.WEIGHT_NORM);
            generator.recompute(recompute);
            List<Tensor> parameters = generator.parameters().stream().map(Parameter::tensor).toList();
            Tensor loss = generator.forward(noise(backend)).square().mean();
            long bytes = Arrays.stream(tape.heldBytes()).sum();
            Gradients gradients = tape.gradients(loss, parameters);
            List<NdArray> found = new ArrayList<>();
            parameters.forEach(parameter -> found.add(gradients.of(parameter).toArray()));
            return new Outcome(found, bytes);
        }
    }

    private static Tensor noise(Backend backend) {
        Shape shape = Shape.of(2, 8, 40);
        return Tensor.of(backend, shape, new SplittableRandom(1).doubles(shape.size(), -1, 1).toArray());
    }
}

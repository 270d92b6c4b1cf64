// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.engine.nn.Weights;
import aulos.hifigan.loss.AdversarialLoss;
import aulos.hifigan.loss.FeatureMatchingLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link Discriminator#compare} sees what {@link Discriminator#judge} sees, to the last bit. */
class ComparisonTest {
    private static final int SAMPLES = 1024;

    private record Result(List<float[]> maps, float[] gradient, int recorded) {}

    @ParameterizedTest
    @CsvSource({"true, 4, cpu", "false, 4, cpu", "true, 32, reference", "false, 8, reference"})
    void givesTheBitsOfBothOneAfterTheOther(boolean periods, int divisor, String device) {
        Result expected = result(periods, divisor, device, false);
        Result actual = result(periods, divisor, device, true);
        assertThat(actual.maps).hasSameSizeAs(expected.maps);
        for (int i = 0; i < expected.maps.size(); i++) {
            assertThat(actual.maps.get(i)).as("map " + i).isEqualTo(expected.maps.get(i));
        }
        assertThat(actual.gradient).isEqualTo(expected.gradient);
        assertThat(actual.recorded).isEqualTo(expected.recorded);
    }

    private static Result result(boolean periods, int divisor, String device, boolean together) {
        try (Backend backend = TestDevice.open(device); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Weights weights = Weights.random(backend, scope, 1);
            Discriminator discriminator = periods
                    ? new MultiPeriodDiscriminator(weights, MultiPeriodDiscriminator.PERIODS, divisor)
                    : new MultiScaleDiscriminator(weights, divisor);
            Tensor real = audio(backend, 2);
            Tensor generated = audio(backend, 3);
            Comparison seen = together ? discriminator.compare(real, generated)
                    : new Comparison(Tape.paused(() -> discriminator.judge(real)), discriminator.judge(generated));
            Tensor loss = FeatureMatchingLoss.of(seen.real(), seen.generated());
            for (Tensor adversarial : AdversarialLoss.generator(seen.generated())) {
                loss = loss.add(adversarial);
            }
            int recorded = tape.nodes().size();
            List<float[]> maps = new ArrayList<>();
            for (List<Judgement> judgements : List.of(seen.real(), seen.generated())) {
                judgements.forEach(judgement ->
                        judgement.featureMaps().forEach(map -> maps.add(map.toArray().floats())));
            }
            return new Result(maps, tape.gradients(loss, List.of(generated)).of(generated).toArray().floats(), recorded);
        }
    }

    /** Two clips. */
    private static Tensor audio(Backend backend, int seed) {
        Random random = new Random(seed);
        float[] samples = new float[2 * SAMPLES];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = random.nextFloat() - .5f;
        }
        return Tensor.of(backend, NdArray.of(Shape.of(2, 1, SAMPLES), samples));
    }
}

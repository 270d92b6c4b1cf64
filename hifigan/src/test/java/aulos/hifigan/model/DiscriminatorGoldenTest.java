// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Gradients;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.Weights;
import aulos.hifigan.loss.AdversarialLoss;
import aulos.hifigan.loss.FeatureMatchingLoss;
import aulos.hifigan.testing.Close;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.testing.Golden;
import aulos.hifigan.testing.ReferenceSigns;
import aulos.kernels.cpu.CpuBackend;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both discriminators against the official implementation in float64: one forward on real, then one on fake audio. */
class DiscriminatorGoldenTest {
    /** Of a gradient's largest entry, or of its norm. */
    private static final double LINEAR_BOUND = 3e-5;

    @ParameterizedTest
    @CsvSource({"mpd_narrow, reference", "msd_narrow, reference", "mpd_narrow, cpu", "msd_narrow, cpu",
        "mpd_full, cpu", "msd_full, cpu", "mpd_narrow, opencl", "msd_narrow, opencl", "mpd_full, opencl",
        "msd_full, opencl"})
    void scoresFeatureMapsLossesAndGradients(String folder, String device) throws IOException {
        Map<String, NdArray> golden = Golden.values(folder);
        JsonObject facts = Golden.facts(folder);
        try (Backend backend = TestDevice.open(device); Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Discriminator discriminator = discriminator(folder, facts.get("width_divisor").getAsInt(), backend, model);
            assertThat(discriminator.parameters().stream().mapToInt(p -> p.tensor().shape().size()).sum())
                    .isEqualTo(facts.get("parameters").getAsInt());
            double bound = backend.isDouble() ? 1e-6 : 1e-5;
            double gradientBound = backend.isDouble() ? 1e-6 : 1e-4;
            Tensor fakeAudio = Tensor.of(backend, golden.get("fake"));
            try (Tape tape = Tape.open()) {
                boolean narrow = folder.endsWith("narrow");
                Tensor realAudio = Tensor.of(backend, golden.get("real"));
                Comparison seen = narrow
                        ? new Comparison(discriminator.judge(realAudio), discriminator.judge(fakeAudio))
                        : discriminator.compare(realAudio, fakeAudio);
                List<Judgement> real = seen.real();
                List<Judgement> fake = seen.generated();
                compareMaps(golden, real, fake, bound);
                for (Parameter buffer : discriminator.state()) {
                    if (golden.containsKey("after/" + buffer.name())) {
                        assertThat(Close.relativeError(buffer.tensor().toArray(), golden.get("after/" + buffer.name())))
                                .as(buffer.name()).isLessThan(bound);
                    }
                }
                JsonObject losses = facts.getAsJsonObject("losses");
                Tensor discriminatorLoss = sum(AdversarialLoss.discriminator(Scores.of(real, fake)));
                Tensor generatorLoss = sum(AdversarialLoss.generator(fake));
                Tensor featureLoss = FeatureMatchingLoss.of(real, fake);
                assertLoss(discriminatorLoss, losses, "discriminator", bound);
                assertLoss(generatorLoss, losses, "generator", bound);
                assertLoss(featureLoss, losses, "feature", bound);

                if (narrow) {
                    Tensor both = generatorLoss.add(featureLoss);
                    Gradients toFake = tape.differentiableGradients(both, List.of(fakeAudio));
                    assertThat(Close.relativeError(toFake.of(fakeAudio).toArray(),
                            golden.get("grad_of_generator_plus_feature/fake"))).isLessThan(gradientBound);
                    compareParameterGradients(tape, discriminatorLoss, discriminator, golden, gradientBound);
                }
            }
        }
    }

    /**
     * Gradients at full width, of a loss that is linear in every feature map: they do not hang on the sign of a difference
     * that float32 cannot resolve, as those of feature matching do. On the sign of what enters a leaky ReLU they still do,
     * and one of msd_linear's is 5.5e-9 in float64, 7e-8 of its feature map's RMS. Wherever sums round, that is a matter
     * of luck; on the wrong side it costs 3.6e-3. So there float64 decides.
     */
    @ParameterizedTest
    @CsvSource({"mpd_linear, cpu", "mpd_linear, exact cpu", "msd_linear, cpu", "msd_linear, exact cpu",
        "mpd_linear, opencl", "msd_linear, opencl"})
    void gradientsOfALinearLoss(String folder, String device) throws IOException {
        Map<String, NdArray> golden = Golden.values(folder);
        JsonObject facts = Golden.facts(folder);
        try (Backend opened = open(device); Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Backend backend = folder.startsWith("msd") ? signs(folder, golden).follow(opened, 1e-5) : opened;
            Discriminator discriminator = discriminator(folder, facts.get("width_divisor").getAsInt(), backend, model);
            Tensor fakeAudio = Tensor.of(backend, golden.get("fake"));
            try (Tape tape = Tape.open()) {
                Tensor loss = linear(discriminator.compare(Tensor.of(backend, golden.get("real")), fakeAudio).generated(),
                        folder, backend);
                double expected = facts.get("loss").getAsDouble();
                assertThat(loss.item()).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
                List<Parameter> parameters = discriminator.parameters();
                List<Tensor> sources = new ArrayList<>(parameters.stream().map(Parameter::tensor).toList());
                sources.add(fakeAudio);
                Gradients gradients = tape.gradients(loss, sources);
                assertThat(Close.relativeError(gradients.of(fakeAudio).toArray(), golden.get("grad/fake")))
                        .as("fake").isLessThan(LINEAR_BOUND);
                JsonObject weights = facts.getAsJsonObject("weights");
                assertThat(parameters).hasSize(weights.size());
                for (Parameter parameter : parameters) {
                    String name = parameter.name();
                    compareWithFacts(folder, name, gradients.of(parameter.tensor()).toArray(),
                            weights.getAsJsonObject(name), golden.get("grad_head/" + name));
                }
            }
        }
    }

    /** Of all leaky ReLUs of a comparison, in its order. */
    private static ReferenceSigns signs(String folder, Map<String, NdArray> golden) {
        ReferenceSigns signs = new ReferenceSigns();
        try (Backend inner = TestDevice.open("reference"); Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Backend reference = signs.record(inner);
            discriminator(folder, 1, reference, model)
                    .compare(Tensor.of(reference, golden.get("real")), Tensor.of(reference, golden.get("fake")));
        }
        return signs;
    }

    private static Backend open(String device) {
        return device.equals("exact cpu") ? new CpuBackend(Runtime.getRuntime().availableProcessors(), true)
                : TestDevice.open(device);
    }

    /** Σ over maps of mean(map · fill), with maps in the official layout. */
    private static Tensor linear(List<Judgement> judgements, String folder, Backend backend) {
        Tensor loss = null;
        for (int i = 0; i < judgements.size(); i++) {
            List<Tensor> maps = judgements.get(i).featureMaps();
            for (int j = 0; j < maps.size(); j++) {
                Tensor map = maps.get(j).shape().dim(0) == 1 ? maps.get(j) : maps.get(j).permute(1, 2, 0);
                NdArray upstream = Fill.fill(folder + "/upstream/" + i + "/" + j, map.shape(), 1);
                Tensor term = map.mul(Tensor.of(backend, upstream)).mean();
                loss = loss == null ? term : loss.add(term);
            }
        }
        return loss;
    }

    /** A gradient by its first entries, its largest, its norm, and four products that a wrong place anywhere would change. */
    private static void compareWithFacts(String folder, String name, NdArray gradient, JsonObject facts, NdArray head) {
        double largest = facts.get("max_abs").getAsDouble();
        double max = 0;
        double squares = 0;
        for (int i = 0; i < gradient.shape().size(); i++) {
            max = Math.max(max, Math.abs(gradient.get(i)));
            squares += gradient.get(i) * gradient.get(i);
        }
        assertThat(max).as(name + ", largest").isCloseTo(largest, within(LINEAR_BOUND * largest));
        double norm = facts.get("norm").getAsDouble();
        assertThat(Math.sqrt(squares)).as(name + ", norm").isCloseTo(norm, within(LINEAR_BOUND * norm));
        for (int i = 0; i < head.shape().size(); i++) {
            assertThat(gradient.get(i)).as(name + ", entry " + i)
                    .isCloseTo(head.get(i), within(LINEAR_BOUND * largest));
        }
        for (int q = 0; q < facts.getAsJsonArray("probes").size(); q++) {
            NdArray probe = Fill.fill(folder + "/probe" + q + "/" + name, gradient.shape(), 1);
            double product = 0;
            for (int i = 0; i < gradient.shape().size(); i++) {
                product += gradient.get(i) * probe.get(i);
            }
            // Random products are as large as the norm, whatever cancels in one of them.
            assertThat(product).as(name + ", probe " + q).isCloseTo(
                    facts.getAsJsonArray("probes").get(q).getAsDouble(), within(LINEAR_BOUND * norm));
        }
    }

    private static void compareParameterGradients(Tape tape, Tensor loss, Discriminator discriminator,
            Map<String, NdArray> golden, double bound) {
        List<Parameter> parameters = discriminator.parameters();
        Gradients gradients = tape.gradients(loss, parameters.stream().map(Parameter::tensor).toList());
        for (Parameter parameter : parameters) {
            assertThat(Close.relativeError(gradients.of(parameter.tensor()).toArray(),
                    golden.get("grad_of_discriminator/" + parameter.name()))).as(parameter.name()).isLessThan(bound);
        }
    }

    private static void compareMaps(
            Map<String, NdArray> golden, List<Judgement> real, List<Judgement> fake, double bound) {
        for (int i = 0; i < real.size(); i++) {
            assertThat(Close.relativeError(official(real.get(i).score(), golden.get("score_real/" + i)),
                    golden.get("score_real/" + i))).as("score_real/" + i).isLessThan(bound);
            assertThat(Close.relativeError(official(fake.get(i).score(), golden.get("score_fake/" + i)),
                    golden.get("score_fake/" + i))).as("score_fake/" + i).isLessThan(bound);
            for (int j = 0; j < real.get(i).featureMaps().size(); j++) {
                compareMap(golden, "fmap_real/" + i + "/" + j, real.get(i).featureMaps().get(j), bound);
                compareMap(golden, "fmap_fake/" + i + "/" + j, fake.get(i).featureMaps().get(j), bound);
                NdArray mean = golden.get("fmap_fake_mean_abs/" + i + "/" + j);
                if (mean != null) {
                    assertThat(fake.get(i).featureMaps().get(j).abs().mean().item())
                            .isCloseTo(mean.get(0), within(bound * mean.get(0)));
                }
            }
        }
    }

    private static void compareMap(Map<String, NdArray> golden, String name, Tensor map, double bound) {
        if (golden.containsKey(name)) {
            assertThat(Close.relativeError(official(map, golden.get(name)), golden.get(name)))
                    .as(name).isLessThan(bound);
        }
    }

    /** The official layout: for a period p, [B·p, C, T′] is [B, C, T′, p] there, and a score is flat. */
    private static NdArray official(Tensor map, NdArray expected) {
        int columns = map.shape().dim(0); // the batch is one clip
        Tensor ordered = columns == 1 ? map : map.permute(1, 2, 0);
        return ordered.toArray().reshape(expected.shape());
    }

    private static void assertLoss(Tensor loss, JsonObject expected, String name, double bound) {
        double value = expected.get(name).getAsDouble();
        assertThat(loss.item()).as(name).isCloseTo(value, within(bound * value));
    }

    private static Tensor sum(List<Tensor> losses) {
        return losses.stream().reduce(Tensor::add).orElseThrow();
    }

    /** Built once from anything, to learn names and shapes; then from the formula's values. */
    private static Discriminator discriminator(String folder, int divisor, Backend backend, Scope model) {
        Map<String, Shape> shapes;
        try (Scope draft = Scope.unattached()) {
            shapes = Fill.shapes(build(folder, divisor, Weights.random(backend, draft, 1)));
        }
        return build(folder, divisor, Weights.of(backend, model, Fill.discriminator(shapes, folder + "/")));
    }

    private static Discriminator build(String folder, int divisor, Weights weights) {
        return folder.startsWith("mpd") ? new MultiPeriodDiscriminator(weights, MultiPeriodDiscriminator.PERIODS, divisor)
                : new MultiScaleDiscriminator(weights, divisor);
    }
}

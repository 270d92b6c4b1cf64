// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.lab;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.engine.study.TapePage;
import aulos.hifigan.loss.AdversarialLoss;
import aulos.hifigan.loss.FeatureMatchingLoss;
import aulos.hifigan.loss.MelLoss;
import aulos.hifigan.model.Comparison;
import aulos.hifigan.model.Discriminator;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.model.MultiPeriodDiscriminator;
import aulos.hifigan.model.MultiScaleDiscriminator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The generator's half of a training step, as a page. */
@Command(
        name = "page",
        description = {"Makes a page of the generator's half of a training step: every op, with statistics of its values and "
                + "gradients, its time, and who holds it in memory; forwards and backwards, step by step.",
            "The networks are drawn at random, the segment is a tone. Open the page in a browser."},
        mixinStandardHelpOptions = true)
final class PageCommand implements Callable<Integer> {
    private static final int FRAMES = 32;

    /** The paper's. */
    enum Size { V1, V2, V3 }

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "M", defaultValue = "V2",
            description = "The generator: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Size model;

    @Option(names = "--recorded-gradients",
            description = "Record the backward pass too, as second derivatives need it: its ops are on the page as well.")
    private boolean recorded;

    @Option(names = "--device", paramLabel = "D", defaultValue = "cpu",
            description = "What computes; 'aulos devices' lists them. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(names = "--out", paramLabel = "F", defaultValue = "step.html", description = "Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        if (Files.isDirectory(out)) {
            throw new ParameterException(spec.commandLine(), "--out " + out + " is a folder, expected a file");
        }
        HifiGanConfig config = switch (model) {
            case V1 -> HifiGanConfig.V1;
            case V2 -> HifiGanConfig.V2;
            case V3 -> HifiGanConfig.V3;
        };
        PrintWriter output = spec.commandLine().getOut();
        try (Backend backend = Backends.open(device); Scope scope = Scope.open();
                MelSpectrogram mel = new MelSpectrogram(config.mel(), config.mel().nyquist(), backend)) {
            Generator generator = new Generator(config, Weights.random(backend, scope, 1), WeightForm.WEIGHT_NORM);
            Discriminator period = new MultiPeriodDiscriminator(
                    Weights.random(backend, scope, 2), MultiPeriodDiscriminator.PERIODS, 1);
            Discriminator scale = new MultiScaleDiscriminator(Weights.random(backend, scope, 3), 1);
            Tensor audio = tone(backend, config);
            Tensor target = mel.forward(flat(audio));
            try (Tape tape = Tape.open()) {
                TapePage page = TapePage.record(tape);
                Tensor fake = Tape.labelled("generator", () -> generator.forward(target));
                Tensor loss = Tape.labelled("losses", () -> MelLoss.error(target, mel.forward(flat(fake)))
                        .mul(MelLoss.WEIGHT)).add(opinion("mpd", period, audio, fake)).add(opinion("msd", scale, audio, fake));
                List<Tensor> weights = generator.parameters().stream().map(Parameter::tensor).toList();
                if (recorded) {
                    tape.differentiableGradients(loss, weights);
                } else {
                    tape.gradients(loss, weights);
                }
                page.write(out);
                output.printf(Locale.ROOT, "%s: %,d ops, %.1f MB%n", out, tape.nodes().size(), Files.size(out) * 1e-6);
            }
        }
        return 0;
    }

    /** [1, 1, T], 220 Hz with overtones. */
    private static Tensor tone(Backend backend, HifiGanConfig config) {
        double[] samples = new double[config.samples(FRAMES)];
        for (int t = 0; t < samples.length; t++) {
            for (int overtone = 1; overtone <= 8; overtone++) {
                samples[t] += 0.3 / overtone * Math.sin(2 * Math.PI * 220 * overtone * t / config.mel().samplingRate());
            }
        }
        return Tensor.of(backend, Shape.of(1, 1, samples.length), samples);
    }

    private static Tensor flat(Tensor audio) {
        return audio.reshape(1, audio.shape().dim(2));
    }

    /** What the discriminator adds to the generator's loss: adversarial and feature matching. */
    private static Tensor opinion(String name, Discriminator discriminator, Tensor audio, Tensor fake) {
        Comparison seen = Tape.labelled(name, () -> discriminator.compare(audio, fake));
        return Tape.labelled("losses." + name, () -> AdversarialLoss.generator(seen.generated()).stream()
                .reduce(Tensor::add).orElseThrow().add(FeatureMatchingLoss.of(seen.real(), seen.generated())));
    }
}

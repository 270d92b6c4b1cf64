// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.nn.*;
import aulos.hifigan.loss.*;
import aulos.hifigan.model.*;

static final int FRAMES = 16;
static final String BARS = "▁▂▃▄▅▆▇█";

final Map<String, List<Double>> curves = new LinkedHashMap<>();

void note(String name, Tensor loss) {
    curves.computeIfAbsent(name, key -> new ArrayList<>()).add(loss.item());
}

Tensor sum(List<Tensor> losses) {
    return losses.stream().reduce(Tensor::add).orElseThrow();
}

Tensor flat(Tensor audio) {
    return audio.reshape(1, audio.shape().dim(2));
}

void main() {
    MelConfig mel = new MelConfig(8, 64, 16, 64, 4000, 0, 2000);
    HifiGanConfig config = new HifiGanConfig(ResBlockKind.RESBLOCK2, List.of(4, 4), List.of(8, 8), 16,
            List.of(3), List.of(List.of(1, 2)), mel, TrainingConfig.usual(mel));
    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open();
            MelSpectrogram phi = new MelSpectrogram(mel, backend)) {
        Generator generator = new Generator(config, Weights.random(backend, scope, 1), WeightForm.WEIGHT_NORM);
        Discriminator critic =
                new MultiPeriodDiscriminator(Weights.random(backend, scope, 2), List.of(2, 3), 32);
        double[] tone = new double[FRAMES * 16];
        for (int t = 0; t < tone.length; t++) {
            tone[t] = 0.5 * Math.sin(2 * Math.PI * 250 * t / 4000) + 0.2 * Math.sin(2 * Math.PI * 750 * t / 4000);
        }
        Tensor y = Tensor.of(backend, Shape.of(1, 1, tone.length), tone);
        Tensor target = phi.forward(flat(y));                                             // φ(y)

        try (AdamW generators = new AdamW(generator.parameters(), 2e-3, 0.8, 0.99);
                AdamW critics = new AdamW(critic.parameters(), 2e-3, 0.8, 0.99)) {
            for (int step = 0; step < 40; step++) {
                try (Scope inner = Scope.open(); Tape tape = Tape.open()) {
                    Tensor fake = generator.forward(target);                              // ŷ = G(φ(y))

                    Tape.paused(() -> {
                        try (Tape learning = Tape.open()) {
                            Tensor loss = sum(AdversarialLoss.discriminator(critic.scores(y, fake.detach())));
                            note("discriminator", loss);
                            critics.step(learning.gradients(loss, critics.tensors()));
                        }
                        return null;
                    });

                    Comparison seen = critic.compare(y, fake);
                    Tensor adversarial = sum(AdversarialLoss.generator(seen.generated()));
                    Tensor features = FeatureMatchingLoss.of(seen.real(), seen.generated());
                    Tensor mels = MelLoss.error(target, phi.forward(flat(fake)));
                    Tensor total = adversarial.add(features).add(mels.mul(MelLoss.WEIGHT));
                    note("adversarial", adversarial);
                    note("features", features);
                    note("mel", mels);
                    if (step == 0) {
                        IO.println("nodes on the generator's tape: " + tape.nodes().size());
                    }
                    generators.step(tape.gradients(total, generators.tensors()));
                }
            }
        }
        curves.forEach((name, values) -> IO.println("%-14s %5.2f %s %5.2f".formatted(
                name, values.getFirst(), curve(values), values.getLast())));
    }
}

/** One bar for each step, from the lowest value to the highest. */
String curve(List<Double> values) {
    double low = Collections.min(values);
    double high = Collections.max(values);
    StringBuilder bars = new StringBuilder();
    values.forEach(value -> bars.append(BARS.charAt((int) Math.min(7, 8 * (value - low) / (high - low)))));
    return bars.toString();
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import aulos.hifigan.loss.AdversarialLoss;
import aulos.hifigan.loss.FeatureMatchingLoss;
import aulos.hifigan.loss.MelLoss;
import aulos.hifigan.model.Discriminator;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.Judgement;
import aulos.hifigan.model.MelSpectrogram;
import java.util.List;

/**
 * One step of the official training loop: ŷ = G(x); the discriminators learn on y and a detached ŷ; then the generator
 * learns through the updated discriminators. The generator's gradient runs through D(ŷ) alone: no discriminator weight
 * gets one, and D(y) is not even recorded.
 */
public final class TrainingStep {
    private final Generator generator;
    private final Discriminator mpd;
    private final Discriminator msd;
    private final MelSpectrogram lossMel;
    private final AdamW generatorOptimiser;
    private final AdamW discriminatorOptimiser;

    /**
     * @param lossMel φ of the mel loss
     * @param discriminatorOptimiser over MSD's parameters, then MPD's
     */
    public TrainingStep(Generator generator, Discriminator mpd, Discriminator msd, MelSpectrogram lossMel,
            AdamW generatorOptimiser, AdamW discriminatorOptimiser) {
        this.generator = generator;
        this.mpd = mpd;
        this.msd = msd;
        this.lossMel = lossMel;
        this.generatorOptimiser = generatorOptimiser;
        this.discriminatorOptimiser = discriminatorOptimiser;
    }

    /**
     * @param mel x, [B, mels, frames]
     * @param audio y, [B, 1, frames·hop]
     */
    public StepLosses run(Tensor mel, Tensor audio) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor generated = generator.forward(mel);
            List<List<Double>> discriminatorLosses = discriminatorStep(audio, generated.detach());

            Tensor melError = MelLoss.error(Tape.paused(() -> spectrum(audio)), spectrum(generated));
            Opinion period = Opinion.of(mpd, audio, generated);
            Opinion scale = Opinion.of(msd, audio, generated);
            Tensor total = sum(period.adversarial).add(sum(scale.adversarial)).add(period.feature).add(scale.feature)
                    .add(melError.mul(MelLoss.WEIGHT));
            generatorOptimiser.step(tape.gradients(total, generatorOptimiser.tensors()));
            return new StepLosses(discriminatorLosses.get(0), discriminatorLosses.get(1), items(period.adversarial),
                    items(scale.adversarial), period.feature.item(), scale.feature.item(), melError.item());
        }
    }

    private List<List<Double>> discriminatorStep(Tensor audio, Tensor generated) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> period = AdversarialLoss.discriminator(mpd.judge(audio), mpd.judge(generated));
            List<Tensor> scale = AdversarialLoss.discriminator(msd.judge(audio), msd.judge(generated));
            Tensor total = sum(period).add(sum(scale));
            discriminatorOptimiser.step(tape.gradients(total, discriminatorOptimiser.tensors()));
            return List.of(items(period), items(scale));
        }
    }

    /** What one discriminator contributes to the generator's loss. */
    private record Opinion(List<Tensor> adversarial, Tensor feature) {
        static Opinion of(Discriminator discriminator, Tensor audio, Tensor generated) {
            List<Judgement> real = Tape.paused(() -> discriminator.judge(audio));
            List<Judgement> fake = discriminator.judge(generated);
            return new Opinion(AdversarialLoss.generator(fake), FeatureMatchingLoss.of(real, fake));
        }
    }

    /** φ of audio [B, 1, T]. */
    private Tensor spectrum(Tensor audio) {
        return lossMel.forward(audio.reshape(audio.shape().dim(0), audio.shape().dim(2)));
    }

    private static Tensor sum(List<Tensor> losses) {
        return losses.stream().reduce(Tensor::add).orElseThrow();
    }

    private static List<Double> items(List<Tensor> losses) {
        return losses.stream().map(Tensor::item).toList();
    }
}

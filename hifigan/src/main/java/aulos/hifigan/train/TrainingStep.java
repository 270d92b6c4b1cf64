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
import java.util.ArrayList;
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
    private final double clipNorm;
    private final GradientExchange exchange;

    /**
     * As in the paper, without clipping of gradients.
     *
     * @param lossMel φ of the mel loss
     * @param discriminatorOptimiser over MSD's parameters, then MPD's
     */
    public TrainingStep(Generator generator, Discriminator mpd, Discriminator msd, MelSpectrogram lossMel,
            AdamW generatorOptimiser, AdamW discriminatorOptimiser) {
        this(generator, mpd, msd, lossMel, generatorOptimiser, discriminatorOptimiser, Double.POSITIVE_INFINITY,
                GradientExchange.ALONE);
    }

    /**
     * With the gradient of each of the two optimisers scaled down to norm {@code clipNorm} if it is longer.
     *
     * @param exchange averages gradients over the replicas that make the same step on other clips
     */
    TrainingStep(Generator generator, Discriminator mpd, Discriminator msd, MelSpectrogram lossMel,
            AdamW generatorOptimiser, AdamW discriminatorOptimiser, double clipNorm, GradientExchange exchange) {
        this.generator = generator;
        this.mpd = mpd;
        this.msd = msd;
        this.lossMel = lossMel;
        this.generatorOptimiser = generatorOptimiser;
        this.discriminatorOptimiser = discriminatorOptimiser;
        this.clipNorm = clipNorm;
        this.exchange = exchange;
    }

    /**
     * @param mel x, [B, mels, frames]
     * @param audio y, [B, 1, frames·hop]
     */
    public StepLosses run(Tensor mel, Tensor audio) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor generated = generator.forward(mel);
            GradientSum discriminatorGradients = new GradientSum(discriminatorOptimiser.tensors());
            PendingLosses.Judged judged = judge(audio, generated.detach(), discriminatorGradients);
            discriminatorGradients.apply(discriminatorOptimiser, clipNorm, exchange);

            GradientSum generatorGradients = new GradientSum(generatorOptimiser.tensors());
            PendingLosses losses = imitate(tape, audio, generated, judged, generatorGradients);
            generatorGradients.apply(generatorOptimiser, clipNorm, exchange);
            return losses.read();
        }
    }

    /**
     * As {@link #run(List, List)}, for the mel loss alone: no discriminator is asked, and none learns.
     *
     * @param mels x of each batch
     * @param audios y of each batch
     */
    StepLosses runMelOnly(List<Tensor> mels, List<Tensor> audios) {
        try (Scope scope = Scope.open()) {
            GradientSum gradients = new GradientSum(generatorOptimiser.tensors());
            List<Tensor> errors = new ArrayList<>();
            for (int i = 0; i < mels.size(); i++) {
                try (Scope part = Scope.open(); Tape tape = Tape.open()) {
                    Tensor error = melError(audios.get(i), generator.forward(mels.get(i)));
                    gradients.add(tape, error.mul(MelLoss.WEIGHT));
                    errors.add(part.keep(error));
                }
            }
            gradients.apply(generatorOptimiser, clipNorm, exchange);
            return StepLosses.mean(errors.stream().map(error -> StepLosses.ofMelOnly(error.item())).toList());
        }
    }

    /**
     * One step on several batches of one size, with the gradients of their mean loss: as if they were one large batch,
     * in the memory of one. Each is generated twice, for the discriminators' step and for the generator's.
     *
     * @param mels x of each batch
     * @param audios y of each batch
     */
    StepLosses run(List<Tensor> mels, List<Tensor> audios) {
        if (mels.size() == 1) {
            return run(mels.getFirst(), audios.getFirst());
        }
        try (Scope scope = Scope.open()) {
            GradientSum discriminatorGradients = new GradientSum(discriminatorOptimiser.tensors());
            List<PendingLosses.Judged> judged = new ArrayList<>();
            for (int i = 0; i < mels.size(); i++) {
                try (Scope part = Scope.open()) {
                    Tensor generated = generator.forward(mels.get(i));
                    judged.add(judge(audios.get(i), generated, discriminatorGradients).keptBy(part));
                }
            }
            discriminatorGradients.apply(discriminatorOptimiser, clipNorm, exchange);

            GradientSum generatorGradients = new GradientSum(generatorOptimiser.tensors());
            List<PendingLosses> losses = new ArrayList<>();
            for (int i = 0; i < mels.size(); i++) {
                try (Scope part = Scope.open(); Tape tape = Tape.open()) {
                    Tensor generated = generator.forward(mels.get(i));
                    losses.add(imitate(tape, audios.get(i), generated, judged.get(i), generatorGradients).keptBy(part));
                }
            }
            generatorGradients.apply(generatorOptimiser, clipNorm, exchange);
            return StepLosses.mean(losses.stream().map(PendingLosses::read).toList());
        }
    }

    /** The discriminators' losses; adds their gradients. */
    private PendingLosses.Judged judge(Tensor audio, Tensor generated, GradientSum gradients) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> period = AdversarialLoss.discriminator(mpd.scores(audio, generated));
            List<Tensor> scale = AdversarialLoss.discriminator(msd.scores(audio, generated));
            gradients.add(tape, sum(period).add(sum(scale)));
            return new PendingLosses.Judged(period, scale).keptBy(scope);
        }
    }

    /** The losses with the generator's for audio that {@code tape} has seen it generate; adds its gradients. */
    private PendingLosses imitate(Tape tape, Tensor audio, Tensor generated, PendingLosses.Judged judged,
            GradientSum gradients) {
        Tensor melError = melError(audio, generated);
        Opinion period = Opinion.of(mpd, audio, generated);
        Opinion scale = Opinion.of(msd, audio, generated);
        Tensor total = sum(period.adversarial).add(sum(scale.adversarial)).add(period.feature).add(scale.feature)
                .add(melError.mul(MelLoss.WEIGHT));
        gradients.add(tape, total);
        return new PendingLosses(judged, period.adversarial, scale.adversarial,
                List.of(period.feature, scale.feature), melError);
    }

    /** mean|φ(y) − φ(ŷ)|. */
    private Tensor melError(Tensor audio, Tensor generated) {
        return MelLoss.error(Tape.paused(() -> spectrum(audio)), spectrum(generated));
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
}

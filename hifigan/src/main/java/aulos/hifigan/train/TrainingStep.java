// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import aulos.hifigan.loss.AdversarialLoss;
import aulos.hifigan.loss.FeatureMatchingLoss;
import aulos.hifigan.loss.MelLoss;
import aulos.hifigan.loss.StftLoss;
import aulos.hifigan.model.Comparison;
import aulos.hifigan.model.Discriminator;
import aulos.hifigan.model.Generator;
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
    private final double stftWeight;
    private final GradientExchange exchange;

    /**
     * As in the paper.
     *
     * @param lossMel φ of the mel loss
     * @param discriminatorOptimiser over MSD's parameters, then MPD's
     */
    public TrainingStep(Generator generator, Discriminator mpd, Discriminator msd, MelSpectrogram lossMel,
            AdamW generatorOptimiser, AdamW discriminatorOptimiser) {
        this(generator, mpd, msd, lossMel, generatorOptimiser, discriminatorOptimiser, Double.POSITIVE_INFINITY, 0,
                GradientExchange.ALONE);
    }

    /**
     * With what the paper does not do.
     *
     * @param clipNorm the gradient of each of the two optimisers is scaled down to this norm if it is longer
     * @param stftWeight of {@link StftLoss} in the generator's loss; 0 to do without
     * @param exchange averages gradients over the replicas that make the same step on other clips
     */
    TrainingStep(Generator generator, Discriminator mpd, Discriminator msd, MelSpectrogram lossMel,
            AdamW generatorOptimiser, AdamW discriminatorOptimiser, double clipNorm, double stftWeight,
            GradientExchange exchange) {
        this.generator = generator;
        this.mpd = mpd;
        this.msd = msd;
        this.lossMel = lossMel;
        this.generatorOptimiser = generatorOptimiser;
        this.discriminatorOptimiser = discriminatorOptimiser;
        this.clipNorm = clipNorm;
        this.stftWeight = stftWeight;
        this.exchange = exchange;
    }

    /**
     * @param mel x, [B, mels, frames]
     * @param audio y, [B, 1, frames·hop]
     */
    public StepLosses run(Tensor mel, Tensor audio) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor generated = generator.forward(mel);
            GradientSum discriminatorGradients = new GradientSum(discriminatorOptimiser.tensors(), 1, exchange);
            PendingLosses.Judged judged = Tape.paused(
                    () -> judge(audio, generated.detach(), discriminatorGradients));
            discriminatorGradients.apply(discriminatorOptimiser, clipNorm);

            GradientSum generatorGradients = new GradientSum(generatorOptimiser.tensors(), 1, exchange);
            PendingLosses losses = imitate(tape, audio, generated, judged, generatorGradients);
            generatorGradients.apply(generatorOptimiser, clipNorm);
            return losses.read();
        }
    }

    /**
     * As {@link #run(List, List)}, without adversarial and feature-matching losses: no discriminator is asked, and none
     * learns.
     *
     * @param mels x of each batch
     * @param audios y of each batch
     */
    StepLosses runWithoutDiscriminators(List<Tensor> mels, List<Tensor> audios) {
        try (Scope scope = Scope.open()) {
            GradientSum gradients = new GradientSum(generatorOptimiser.tensors(), mels.size(), exchange);
            List<Reconstruction> losses = new ArrayList<>();
            for (int i = 0; i < mels.size(); i++) {
                try (Scope part = Scope.open(); Tape tape = Tape.open()) {
                    Reconstruction loss = reconstruction(audios.get(i), generator.forward(mels.get(i)));
                    gradients.add(tape, loss.total());
                    losses.add(new Reconstruction(part.keep(loss.melError), part.keep(loss.stft)));
                }
            }
            gradients.apply(generatorOptimiser, clipNorm);
            return StepLosses.mean(losses.stream()
                    .map(loss -> StepLosses.ofReconstruction(loss.melError.item(), loss.stft.item())).toList());
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
            GradientSum discriminatorGradients =
                    new GradientSum(discriminatorOptimiser.tensors(), mels.size(), exchange);
            List<PendingLosses.Judged> judged = new ArrayList<>();
            for (int i = 0; i < mels.size(); i++) {
                try (Scope part = Scope.open()) {
                    Tensor generated = generator.forward(mels.get(i));
                    judged.add(judge(audios.get(i), generated, discriminatorGradients).keptBy(part));
                }
            }
            discriminatorGradients.apply(discriminatorOptimiser, clipNorm);

            GradientSum generatorGradients = new GradientSum(generatorOptimiser.tensors(), mels.size(), exchange);
            List<PendingLosses> losses = new ArrayList<>();
            for (int i = 0; i < mels.size(); i++) {
                try (Scope part = Scope.open(); Tape tape = Tape.open()) {
                    Tensor generated = generator.forward(mels.get(i));
                    losses.add(imitate(tape, audios.get(i), generated, judged.get(i), generatorGradients).keptBy(part));
                }
            }
            generatorGradients.apply(generatorOptimiser, clipNorm);
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
        Reconstruction reconstruction = reconstruction(audio, generated);
        Opinion period = Opinion.of(mpd, audio, generated);
        Opinion scale = Opinion.of(msd, audio, generated);
        Tensor total = sum(period.adversarial).add(sum(scale.adversarial)).add(period.feature).add(scale.feature)
                .add(reconstruction.total());
        gradients.add(tape, total);
        return new PendingLosses(judged, period.adversarial, scale.adversarial,
                List.of(period.feature, scale.feature), List.of(reconstruction.melError, reconstruction.stft));
    }

    /** What ŷ lacks of y itself: mean|φ(y) − φ(ŷ)|, and the STFT loss times its weight. */
    private record Reconstruction(Tensor melError, Tensor stft) {
        Tensor total() {
            return melError.mul(MelLoss.WEIGHT).add(stft);
        }
    }

    private Reconstruction reconstruction(Tensor audio, Tensor generated) {
        Tensor y = flat(audio);
        Tensor fake = flat(generated);
        Tensor melError = MelLoss.error(Tape.paused(() -> lossMel.forward(y)), lossMel.forward(fake));
        Tensor stft = stftWeight == 0 ? Tensor.of(audio.backend(), Shape.of(), 0)
                : StftLoss.of(y, fake).mul(stftWeight);
        return new Reconstruction(melError, stft);
    }

    /** What one discriminator contributes to the generator's loss. */
    private record Opinion(List<Tensor> adversarial, Tensor feature) {
        static Opinion of(Discriminator discriminator, Tensor audio, Tensor generated) {
            Comparison seen = discriminator.compare(audio, generated);
            return new Opinion(AdversarialLoss.generator(seen.generated()),
                    FeatureMatchingLoss.of(seen.real(), seen.generated()));
        }
    }

    /** [B, 1, T] → [B, T]. */
    private static Tensor flat(Tensor audio) {
        return audio.reshape(audio.shape().dim(0), audio.shape().dim(2));
    }

    private static Tensor sum(List<Tensor> losses) {
        return losses.stream().reduce(Tensor::add).orElseThrow();
    }
}

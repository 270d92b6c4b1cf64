// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Scope;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.model.MultiPeriodDiscriminator;
import aulos.hifigan.model.MultiScaleDiscriminator;
import aulos.hifigan.model.TrainingConfig;
import aulos.hifigan.train.StepLosses;
import aulos.hifigan.train.TrainingStep;
import aulos.kernels.cpu.CpuBackend;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Our training step as a process of its own, so that its memory can be told from that of the comparison. Arguments: the
 * file of a {@link TrainStart}, the number of threads. Prints a line of JSON when ready, then one for each line that it
 * reads, with the seconds, losses and memory of a step. Ends with its input.
 */
final class TrainSteps implements AutoCloseable {
    private final CpuBackend backend;
    private final Scope owner = Scope.unattached();
    private final MelSpectrogram lossMel;
    private final AdamW generatorOptimiser;
    private final AdamW discriminatorOptimiser;
    private final TrainingStep training;
    private final Tensor mel;
    private final Tensor audio;

    private TrainSteps(TrainStart start, int threads) {
        backend = new CpuBackend(threads);
        HifiGanConfig config = start.config();
        Generator generator = new Generator(
                config, Weights.of(backend, owner, start.generator()), WeightForm.WEIGHT_NORM);
        MultiPeriodDiscriminator mpd = new MultiPeriodDiscriminator(
                Weights.of(backend, owner, start.mpd()), MultiPeriodDiscriminator.PERIODS, start.widthDivisor());
        MultiScaleDiscriminator msd = new MultiScaleDiscriminator(
                Weights.of(backend, owner, start.msd()), start.widthDivisor());
        List<Parameter> discriminators = new ArrayList<>(msd.parameters());
        discriminators.addAll(mpd.parameters());
        lossMel = new MelSpectrogram(config.mel(), config.training().fmaxForLoss(), backend);
        generatorOptimiser = optimiser(generator.parameters(), config.training());
        discriminatorOptimiser = optimiser(discriminators, config.training());
        training = new TrainingStep(generator, mpd, msd, lossMel, generatorOptimiser, discriminatorOptimiser);
        try (Scope scope = Scope.open()) {
            mel = owner.adopt(Tensor.of(backend, start.mel()));
            audio = owner.adopt(Tensor.of(backend, start.audio()));
        }
    }

    private static AdamW optimiser(List<Parameter> parameters, TrainingConfig training) {
        return new AdamW(parameters, training.learningRate(), training.beta1(), training.beta2());
    }

    public static void main(String[] args) throws IOException {
        try (TrainSteps steps = new TrainSteps(TrainStart.read(Path.of(args[0])), Integer.parseInt(args[1]));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            JsonObject ready = new JsonObject();
            ready.addProperty("contender", "Aulos");
            System.out.println(ready);
            while (in.readLine() != null) {
                System.out.println(steps.step());
            }
        }
    }

    private JsonObject step() {
        long start = System.nanoTime();
        StepLosses step = training.run(mel, audio);
        double seconds = (System.nanoTime() - start) / 1e9;
        JsonObject losses = new JsonObject();
        losses.addProperty("disc_mpd", sum(step.discriminatorMpd()));
        losses.addProperty("disc_msd", sum(step.discriminatorMsd()));
        losses.addProperty("adv_mpd", sum(step.adversarialMpd()));
        losses.addProperty("adv_msd", sum(step.adversarialMsd()));
        losses.addProperty("fm_mpd", step.featureMpd());
        losses.addProperty("fm_msd", step.featureMsd());
        losses.addProperty("mel", step.melError());
        JsonObject result = new JsonObject();
        result.addProperty("seconds", seconds);
        result.add("losses", losses);
        // What the step needed at once is now live or waits for the next step.
        result.addProperty("buffer_bytes", backend.liveBytes() + backend.pooledBytes());
        return result;
    }

    private static double sum(List<Double> losses) {
        return losses.stream().mapToDouble(Double::doubleValue).sum();
    }

    @Override
    public void close() {
        generatorOptimiser.close();
        discriminatorOptimiser.close();
        lossMel.close();
        owner.close();
        backend.close();
    }
}

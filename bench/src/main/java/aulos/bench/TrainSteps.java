// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Precision;
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
import aulos.hifigan.model.WeightNorm;
import aulos.hifigan.train.StepLosses;
import aulos.hifigan.train.TrainingStep;
import aulos.kernels.cpu.CpuBackend;
import aulos.kernels.opencl.OpenClBackend;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Our training step as a process of its own, so that its memory can be told from that of the comparison. Arguments: the
 * file of a {@link TrainStart}; a number of threads, or a device as {@code --device} names it; then a {@link Precision}, and
 * {@code recompute}, if the generator's blocks are to run again in the backward pass. Prints a line of JSON when ready,
 * then one for each line that it reads: for {@code step} with the seconds, losses and memory of a step, for
 * {@code synthesise} with those of the generator alone. Ends with its input.
 */
final class TrainSteps implements AutoCloseable {
    private final Backend backend;
    private final Scope owner = Scope.unattached();
    private final MelSpectrogram lossMel;
    private final AdamW generatorOptimiser;
    private final AdamW discriminatorOptimiser;
    private final TrainingStep training;
    private final Tensor mel;
    private final Tensor audio;
    private final HifiGanConfig config;
    private final Map<String, NdArray> state;
    private Generator folded;

    /** @param backend is closed with this */
    TrainSteps(TrainStart start, Backend backend) {
        this(start, backend, false);
    }

    private TrainSteps(TrainStart start, Backend backend, boolean recompute) {
        this.backend = backend;
        config = start.config();
        state = start.generator();
        Generator generator = new Generator(
                config, Weights.of(backend, owner, start.generator()), WeightForm.WEIGHT_NORM);
        generator.recompute(recompute);
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
        List<String> rest = List.of(args).subList(2, args.length);
        boolean recompute = rest.contains("recompute");
        Precision precision = rest.stream().filter(word -> !word.equals("recompute")).findFirst().map(Precision::valueOf)
                .orElse(Precision.FLOAT32);
        try (TrainSteps steps = new TrainSteps(TrainStart.read(Path.of(args[0])), open(args[1], precision), recompute);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            JsonObject ready = new JsonObject();
            ready.addProperty("contender", recompute ? "Aulos recomputing" : "Aulos");
            System.out.println(ready);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(line.equals("synthesise") ? steps.synthesise() : steps.step());
            }
        }
    }

    private static Backend open(String device, Precision precision) {
        Backend backend = device.matches("\\d+") ? new CpuBackend(Integer.parseInt(device)) : Backends.open(device);
        backend.useConvolutionPrecision(precision);
        return backend;
    }

    /** The generator with folded weights, and what tells its audio from another. */
    private JsonObject synthesise() {
        if (folded == null) {
            folded = new Generator(config, Weights.of(backend, owner, WeightNorm.fold(config, state)), WeightForm.PLAIN);
        }
        JsonObject values = new JsonObject();
        double seconds;
        try (Scope scope = Scope.open()) {
            backend.sync();
            long start = System.nanoTime();
            Tensor audio = folded.forward(mel);
            backend.sync();
            seconds = (System.nanoTime() - start) / 1e9;
            float[] samples = audio.toArray().floats();
            double square = 0;
            double size = 0;
            for (float sample : samples) {
                square += (double) sample * sample;
                size += Math.abs(sample);
            }
            values.addProperty("mean_square", square / samples.length);
            values.addProperty("mean_size", size / samples.length);
        }
        return answer(seconds, values);
    }

    JsonObject step() {
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
        return answer(seconds, losses);
    }

    private JsonObject answer(double seconds, JsonObject losses) {
        JsonObject result = new JsonObject();
        result.addProperty("seconds", seconds);
        result.add("losses", losses);
        // What the step needed at once is now live or waits for the next step.
        if (backend instanceof CpuBackend cpu) {
            result.addProperty("buffer_bytes", cpu.liveBytes() + cpu.pooledBytes());
        } else if (backend instanceof OpenClBackend device) {
            result.addProperty("buffer_bytes", device.liveBytes() + device.pooledBytes());
        }
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

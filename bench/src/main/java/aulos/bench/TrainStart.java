// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.nn.Layer;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.io.OrderedDict;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.model.MultiPeriodDiscriminator;
import aulos.hifigan.model.MultiScaleDiscriminator;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Where a comparison of training starts, the same for all contenders, as a file that PyTorch reads too.
 *
 * @param widthDivisor of the discriminators' channel counts
 * @param generator its state dict
 * @param mel x, [B, mels, frames]
 * @param audio y, [B, 1, frames·hop]
 */
record TrainStart(HifiGanConfig config, int widthDivisor, Map<String, NdArray> generator, Map<String, NdArray> mpd,
        Map<String, NdArray> msd, NdArray mel, NdArray audio) {

    /** Weights as training draws them, and noise with a tone. Always the same. */
    static TrainStart random(HifiGanConfig config, int widthDivisor, int batch) {
        return random(config, widthDivisor, batch, config.training().segmentFrames(config.mel()) * config.mel().hopSize());
    }

    /** With segments of {@code samples}. */
    static TrainStart random(HifiGanConfig config, int widthDivisor, int batch, int samples) {
        try (CpuBackend backend = new CpuBackend()) {
            NdArray audio = noiseAndTone(batch, samples, config);
            NdArray mel;
            try (MelSpectrogram spectrogram = new MelSpectrogram(config.mel(), backend); Scope scope = Scope.open()) {
                mel = spectrogram.forward(Tensor.of(backend, audio.reshape(Shape.of(batch, samples)))).toArray();
            }
            return new TrainStart(config, widthDivisor,
                    drawn(backend, 1, weights -> new Generator(config, weights, WeightForm.WEIGHT_NORM)),
                    drawn(backend, 2, weights -> new MultiPeriodDiscriminator(
                            weights, MultiPeriodDiscriminator.PERIODS, widthDivisor)),
                    drawn(backend, 3, weights -> new MultiScaleDiscriminator(weights, widthDivisor)),
                    mel, audio);
        }
    }

    private static Map<String, NdArray> drawn(CpuBackend backend, long seed, Function<Weights, Layer> network) {
        try (Scope owner = Scope.unattached()) {
            return network.apply(Weights.random(backend, owner, seed)).stateDict();
        }
    }

    private static NdArray noiseAndTone(int batch, int length, HifiGanConfig config) {
        SplittableRandom random = new SplittableRandom(4);
        float[] audio = new float[Math.multiplyExact(batch, length)];
        for (int i = 0; i < audio.length; i++) {
            int clip = i / length;
            double hertz = 220.0 * (1 + clip);
            double tone = Math.sin(2 * Math.PI * hertz * i / config.mel().samplingRate());
            audio[i] = (float) (0.5 * tone + 0.1 * random.nextDouble(-1, 1));
        }
        return NdArray.of(Shape.of(batch, 1, length), audio);
    }

    void write(Path file) throws IOException {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("config", config.toJson());
        tree.put("width_divisor", (long) widthDivisor);
        tree.put("generator", ordered(generator));
        tree.put("mpd", ordered(mpd));
        tree.put("msd", ordered(msd));
        tree.put("mel", mel);
        tree.put("audio", audio);
        PyTorchFile.write(file, tree);
    }

    private static OrderedDict ordered(Map<String, NdArray> weights) {
        OrderedDict dict = new OrderedDict();
        dict.putAll(weights);
        return dict;
    }

    /** Reads what {@link #write} wrote. */
    static TrainStart read(Path file) throws IOException {
        Map<?, ?> tree = (Map<?, ?>) PyTorchFile.read(file);
        return new TrainStart(HifiGanConfig.parse((String) tree.get("config"), file + ": config"),
                Math.toIntExact((Long) tree.get("width_divisor")), arrays(tree, "generator"), arrays(tree, "mpd"),
                arrays(tree, "msd"), (NdArray) tree.get("mel"), (NdArray) tree.get("audio"));
    }

    private static Map<String, NdArray> arrays(Map<?, ?> tree, String key) {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        ((Map<?, ?>) tree.get(key)).forEach((name, array) -> arrays.put((String) name, (NdArray) array));
        return arrays;
    }
}

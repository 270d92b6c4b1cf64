// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
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
import aulos.hifigan.train.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What kernels are measured on: the calls of a whole model. */
enum Workload {
    /** 256 mel frames to audio. */
    SYNTHESIS {
        @Override
        void run(HifiGanConfig config, KernelRecorder recorder) {
            try (Scope owner = Scope.unattached(); Scope scope = Scope.open()) {
                Generator generator = new Generator(config, Weights.random(recorder, owner, 1), WeightForm.PLAIN);
                generator.forward(zeros(recorder, Shape.of(1, config.mel().mels(), FRAMES)));
            }
        }
    },

    /** A step of training on two segments, with full-size discriminators. */
    TRAINING {
        @Override
        void run(HifiGanConfig config, KernelRecorder recorder) {
            try (Scope owner = Scope.unattached(); Scope scope = Scope.open();
                    MelSpectrogram mel = new MelSpectrogram(config.mel(), recorder)) {
                Weights random = Weights.random(recorder, owner, 1);
                Generator generator = new Generator(config, random, WeightForm.WEIGHT_NORM);
                MultiPeriodDiscriminator mpd = new MultiPeriodDiscriminator(
                        random, MultiPeriodDiscriminator.PERIODS, 1);
                MultiScaleDiscriminator msd = new MultiScaleDiscriminator(random, 1);
                List<Parameter> judges = new ArrayList<>(msd.parameters());
                judges.addAll(mpd.parameters());
                try (AdamW ours = new AdamW(generator.parameters(), 2e-4, 0.8, 0.99);
                        AdamW theirs = new AdamW(judges, 2e-4, 0.8, 0.99)) {
                    int frames = config.training().segmentFrames(config.mel());
                    int segment = frames * config.mel().hopSize();
                    new TrainingStep(generator, mpd, msd, mel, ours, theirs).run(
                            zeros(recorder, Shape.of(BATCH, config.mel().mels(), frames)),
                            zeros(recorder, Shape.of(BATCH, 1, segment)));
                }
            }
        }
    };

    private static final int FRAMES = 256;
    private static final int BATCH = 2;

    abstract void run(HifiGanConfig config, KernelRecorder recorder);

    /** The calls of a model, and how often it makes each. */
    Map<KernelCall, Integer> calls(Model model) {
        KernelRecorder recorder = new KernelRecorder();
        run(model.config(), recorder);
        return recorder.calls();
    }

    private static Tensor zeros(KernelRecorder recorder, Shape shape) {
        return Tensor.of(recorder, NdArray.of(shape, new float[shape.size()]));
    }
}

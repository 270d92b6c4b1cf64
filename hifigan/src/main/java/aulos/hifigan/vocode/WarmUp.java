// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.kernels.cpu.CpuBackend;

/**
 * Has the JVM compile the kernels of a generator while the program reads its arguments and files: until then a vector
 * operation takes a thousand times as long, and a first chunk of usual size meets every kernel in turn in that state. So
 * a generator of few channels synthesises a frame some times over. Nothing depends on it but the time.
 */
public final class WarmUp {
    /** More of them cost more than they save. */
    private static final int PASSES = 10;

    /** Its first stage then has 16, the least for which the cpu backend uses Winograd's method. */
    private static final int CHANNELS = 32;

    private static final HifiGanConfig NARROW = narrow(HifiGanConfig.V2);

    private static volatile Thread running;

    private WarmUp() {}

    /** Begins, on a thread of its own. */
    public static void begin() {
        running = Thread.ofPlatform().daemon().name("aulos-warm-up").start(WarmUp::run);
    }

    /** Waits for the end, if it has begun: two that compile at the same time wait for each other. */
    public static void await() {
        Thread thread = running;
        if (thread == null) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static HifiGanConfig narrow(HifiGanConfig wide) {
        MelConfig mel = wide.mel();
        return new HifiGanConfig(wide.resblock(), wide.upsampleRates(), wide.upsampleKernelSizes(), CHANNELS,
                wide.resblockKernelSizes(), wide.resblockDilationSizes(),
                new MelConfig(2, mel.fftSize(), mel.hopSize(), mel.windowSize(), mel.samplingRate(), mel.fmin(),
                        mel.fmax()),
                wide.training());
    }

    private static void run() {
        try (CpuBackend backend = new CpuBackend(1); Scope owner = Scope.unattached()) {
            Generator generator = new Generator(NARROW, Weights.random(backend, owner, 1), WeightForm.PLAIN);
            int mels = NARROW.mel().mels();
            for (int pass = 0; pass < PASSES; pass++) {
                try (Scope scope = Scope.open()) {
                    generator.forward(Tensor.of(backend, NdArray.of(Shape.of(1, mels, 1), new float[mels]))).toArray();
                }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.vocode.Vocoder;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.util.Map;

/** Our own vocoder on the cpu backend, as one contender of a comparison. */
final class AulosSynthesis implements Synthesis, AutoCloseable {
    private final HifiGanConfig config;
    private final CpuBackend backend;
    private final Vocoder vocoder;

    AulosSynthesis(HifiGanConfig config, Map<String, NdArray> weights, int threads) {
        this.config = config;
        this.backend = new CpuBackend(threads);
        this.vocoder = new Vocoder(config, weights, backend);
    }

    @Override
    public float[] audio(float[] mel) {
        int frames = mel.length / config.mel().mels();
        float[] audio = new float[config.samples(frames)];
        int[] filled = {0};
        try {
            vocoder.vocode(NdArray.of(Shape.of(config.mel().mels(), frames), mel), (samples, offset, length) -> {
                System.arraycopy(samples, offset, audio, filled[0], length);
                filled[0] += length;
            });
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return audio;
    }

    @Override
    public void close() {
        vocoder.close();
        backend.close();
    }
}

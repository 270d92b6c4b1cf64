// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.vocode.Vocoder;
import aulos.hifigan.vocode.Voice;
import java.util.Arrays;

/** A voice loaded on a device. Belongs to the device's thread. */
final class Studio {
    private static final int WARM_UP_FRAMES = 4 * Vocoder.DEFAULT_CHUNK;
    /** A log-mel of silence. */
    private static final float QUIET = -11.5f;

    final HifiGanConfig config;
    final Vocoder vocoder;
    private final Backend backend;
    /** Made when they are asked for: a configuration may be good for mels alone. */
    private MelSpectrogram spectrogram;
    private MelSpectrogram lossSpectrogram;
    /** Requests that use it now. */
    int users;

    Studio(Voice voice, Backend backend) {
        this.config = voice.config();
        this.backend = backend;
        this.vocoder = voice.open(backend);
    }

    /** What the generator is given. */
    MelSpectrogram spectrogram() {
        if (spectrogram == null) {
            spectrogram = new MelSpectrogram(config.mel(), backend);
        }
        return spectrogram;
    }

    /** What the mel error is measured with: up to {@code fmax_for_loss}. */
    MelSpectrogram lossSpectrogram() {
        if (lossSpectrogram == null) {
            lossSpectrogram = new MelSpectrogram(config.mel(), config.training().fmaxForLoss(), backend);
        }
        return lossSpectrogram;
    }

    /** Synthesises silence. */
    void warmUp() {
        float[] silence = new float[config.mel().mels() * WARM_UP_FRAMES];
        Arrays.fill(silence, QUIET);
        vocoder.chunks(NdArray.of(Shape.of(config.mel().mels(), WARM_UP_FRAMES), silence)).forEachRemaining(_ -> { });
    }

    void close() {
        vocoder.close();
        for (MelSpectrogram each : new MelSpectrogram[] {spectrogram, lossSpectrogram}) {
            if (each != null) {
                each.close();
            }
        }
    }
}

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
    final MelSpectrogram spectrogram;
    final Vocoder vocoder;
    /** Requests that use it now. */
    int users;

    Studio(Voice voice, Backend backend) {
        config = voice.config();
        spectrogram = new MelSpectrogram(config.mel(), backend);
        try {
            vocoder = voice.open(backend);
        } catch (RuntimeException | Error e) {
            spectrogram.close();
            throw e;
        }
    }

    /** Synthesises silence. */
    void warmUp() {
        float[] silence = new float[config.mel().mels() * WARM_UP_FRAMES];
        Arrays.fill(silence, QUIET);
        vocoder.chunks(NdArray.of(Shape.of(config.mel().mels(), WARM_UP_FRAMES), silence)).forEachRemaining(_ -> { });
    }

    void close() {
        vocoder.close();
        spectrogram.close();
    }
}

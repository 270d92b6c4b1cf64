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
import java.util.Iterator;

/** A voice loaded on a device. Belongs to the device's thread. */
final class Studio {
    /** Four windows: those after the fourth take less than twice as long as the hundredth. */
    private static final int LONG_FRAMES = 4 * Vocoder.DEFAULT_CHUNK;
    /** Too short for layers to be computed piece by piece. */
    private static final int SHORT_FRAMES = 32;
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

    /**
     * Synthesises silence, as long clips are and as short ones are, from audio where the configuration allows that: so
     * the JVM has compiled what requests run.
     *
     * @return how many samples
     */
    long warmUp() {
        return resynthesise(LONG_FRAMES) + resynthesise(SHORT_FRAMES);
    }

    private long resynthesise(int frames) {
        long samples = 0;
        for (Iterator<float[]> chunks = vocoder.chunks(silence(frames)); chunks.hasNext();) {
            samples += chunks.next().length;
        }
        return samples;
    }

    private NdArray silence(int frames) {
        try {
            return spectrogram().ofClip(new float[frames * config.mel().hopSize()]);
        } catch (IllegalArgumentException forMelsAlone) {
            float[] silence = new float[config.mel().mels() * frames];
            Arrays.fill(silence, QUIET);
            return NdArray.of(Shape.of(config.mel().mels(), frames), silence);
        }
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

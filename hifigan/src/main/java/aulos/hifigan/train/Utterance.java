// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.Plausibility;
import java.io.IOException;

/**
 * A whole clip as training sees it.
 *
 * @param samples in [−1, 1] at the configuration's rate; scaled to a peak of 0.95 unless a mel came with it
 * @param mel the mel that came with it, [mels, frames]; or null, if it is to be computed from the samples
 * @param fileRate the sampling rate of the file, in Hz
 * @param note what is wrong with the file and was put up with, for people; or null
 */
@SuppressWarnings("ArrayRecordComponent")
record Utterance(float[] samples, NdArray mel, int fileRate, String note) {
    private static final float PEAK = 0.95f;

    /** @throws IOException if a file of the clip is broken or both do not belong together; names the file */
    static Utterance read(Clip clip, MelConfig config) throws IOException {
        Audio audio = AudioFile.read(clip.audio(), config.samplingRate());
        float[] samples = audio.samples();
        float peak = 0;
        for (int i = 0; i < samples.length; i++) {
            if (!Float.isFinite(samples[i])) {
                throw new IOException(clip.audio() + ": sample " + i + " is " + samples[i]
                        + ", expected a finite value");
            }
            peak = Math.max(peak, Math.abs(samples[i]));
        }
        if (clip.mel() != null) {
            return new Utterance(samples, mel(clip, config, samples.length), audio.fileRate(), audio.note());
        }
        float[] scaled = new float[samples.length];
        for (int i = 0; i < samples.length && peak > 0; i++) {
            scaled[i] = samples[i] / peak * PEAK;
        }
        return new Utterance(scaled, null, audio.fileRate(), audio.note());
    }

    private static NdArray mel(Clip clip, MelConfig config, int samples) throws IOException {
        NdArray mel = Npy.read(clip.mel());
        requireShape(clip, mel.shape(), config, samples);
        for (float value : mel.floats()) {
            if (!Float.isFinite(value)) {
                throw new IOException(clip.mel() + ": holds " + value + ", expected finite values");
            }
        }
        return mel.reshape(Shape.of(config.mels(), mel.shape().dim(-1)));
    }

    /**
     * @param samples of the clip, −1 if that is not known
     * @throws IOException if the clip does not go with a mel of this shape; names the mel's file
     */
    static void requireShape(Clip clip, Shape shape, MelConfig config, long samples) throws IOException {
        int rank = shape.rank();
        if (!(rank == 2 || rank == 3 && shape.dim(0) == 1) || shape.dim(-2) != config.mels()) {
            throw new IOException(clip.mel() + ": has shape " + shape + ", expected [" + config.mels()
                    + ",frames] or [1," + config.mels() + ",frames]"
                    + (Plausibility.isTransposed(shape, config.mels()) ? ": it is the wrong way round" : ""));
        }
        // Acoustic models pad and centre in different ways, by up to a frame's window.
        long covered = (long) shape.dim(-1) * config.hopSize();
        if (samples >= 0 && Math.abs(covered - samples) > config.fftSize()) {
            throw new IOException(clip.mel() + ": has " + shape.dim(-1) + " frames, " + covered + " samples, but "
                    + clip.audio() + " has " + samples);
        }
    }
}

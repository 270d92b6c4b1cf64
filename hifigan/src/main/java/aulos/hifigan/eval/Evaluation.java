// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.util.Arrays;
import java.util.Locale;

/** Compares generated speech with the recording it should sound like, sample by sample in time. */
public final class Evaluation implements AutoCloseable {
    /** A vocoder keeps the length but for a part of a frame; more is another utterance. */
    private static final double MAX_DIFFERENCE_SECONDS = 0.1;

    private final MelConfig config;
    private final MelSpectrogram inputMel;
    private final MelSpectrogram lossMel;
    private final PitchTracker pitch;

    /**
     * @param config whose mel spectrogram and sampling rate count
     * @throws IllegalArgumentException if the sampling rate is below 4000 Hz
     */
    public Evaluation(HifiGanConfig config, Backend backend) {
        this(config.mel(), config.training().fmaxForLoss(), backend);
    }

    /**
     * @param config whose sampling rate counts
     * @param fmaxForLoss upper edge of the mel error's highest band, in Hz
     * @throws IllegalArgumentException if the sampling rate is below 4000 Hz, or there is no such spectrogram
     */
    public Evaluation(MelConfig config, double fmaxForLoss, Backend backend) {
        this.config = config;
        this.pitch = new PitchTracker(config.samplingRate());
        this.inputMel = new MelSpectrogram(config, backend);
        this.lossMel = new MelSpectrogram(config, fmaxForLoss, backend);
    }

    /**
     * Compares two clips at the configuration's sampling rate; the longer one is cut to the length of the other.
     *
     * @param reference full scale ±1
     * @throws IllegalArgumentException if the lengths differ by more than 0.1 s (or one hop, if that is longer), or a
     *     clip is too short or not finite
     */
    public Scores score(float[] reference, float[] generated) {
        int length = commonLength(reference.length, generated.length);
        float[] real = requireFinite("reference", Arrays.copyOf(reference, length));
        float[] fake = requireFinite("generated", Arrays.copyOf(generated, length));
        double melError = melError(real, fake);
        double mcd = MelCepstralDistortion.of(inputMel.ofClip(real), inputMel.ofClip(fake));
        PitchError pitchError = PitchError.of(pitch.track(real), pitch.track(fake));
        return new Scores(melError, StftDistance.of(real, fake), mcd, pitchError.rmseCents(),
                pitchError.voicingError());
    }

    /** {@link Scores#melError} alone. */
    public double melError(float[] reference, float[] generated) {
        int length = commonLength(reference.length, generated.length);
        float[] real = requireFinite("reference", Arrays.copyOf(reference, length));
        float[] fake = requireFinite("generated", Arrays.copyOf(generated, length));
        return meanDifference(lossMel.ofClip(real), lossMel.ofClip(fake));
    }

    private int commonLength(int reference, int generated) {
        double rate = config.samplingRate();
        double limit = Math.max(MAX_DIFFERENCE_SECONDS * rate, config.hopSize());
        if (Math.abs(reference - generated) > limit) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "evaluation: the reference has %.3f s, the "
                    + "generated audio %.3f s, expected a difference of at most %.3f s", reference / rate,
                    generated / rate, limit / rate));
        }
        int length = Math.min(reference, generated);
        int minimum = Math.max(StftDistance.MINIMUM_SAMPLES, inputMel.minimumSamples());
        if (length < minimum) {
            throw new IllegalArgumentException("evaluation: a clip has " + length + " samples, expected at least "
                    + minimum);
        }
        return length;
    }

    private static float[] requireFinite(String name, float[] samples) {
        for (int i = 0; i < samples.length; i++) {
            if (!Float.isFinite(samples[i])) {
                throw new IllegalArgumentException("evaluation: sample " + i + " of the " + name + " audio is "
                        + samples[i] + ", expected a finite value");
            }
        }
        return samples;
    }

    private static double meanDifference(NdArray a, NdArray b) {
        double sum = 0;
        for (int i = 0; i < a.shape().size(); i++) {
            sum += Math.abs(a.get(i) - b.get(i));
        }
        return sum / a.shape().size();
    }

    /** Frees the mel filters; the backend stays open. */
    @Override
    public void close() {
        inputMel.close();
        lossMel.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.hifigan.audio.HannWindow;
import aulos.hifigan.model.MelConfig;
import java.util.SplittableRandom;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The vocoder of before neural ones, to compare with: magnitudes from mels ({@link MelInversion}), phases by
 * D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform" (1984), with the momentum of
 * N. Perraudin, P. Balazs and P. L. Søndergaard, "A fast Griffin-Lim algorithm" (2013). From random phases, again and
 * again: to sound by least-squares overlap-add, back to a spectrum, and of that spectrum only the phases are kept.
 */
final class GriffinLim {
    private static final double MOMENTUM = 0.99;
    private static final long SEED = 1;

    private final MelConfig config;
    private final int size;
    private final int hop;
    private final double[] window;
    private final MelInversion inversion;
    private final DoubleFFT_1D fft;

    /** @throws IllegalArgumentException if n_fft is odd */
    GriffinLim(MelConfig config) {
        if (config.fftSize() % 2 != 0) {
            throw new IllegalArgumentException("Griffin-Lim: n_fft is " + config.fftSize() + ", expected an even one");
        }
        this.config = config;
        this.size = config.fftSize();
        this.hop = config.hopSize();
        this.window = new double[size];
        System.arraycopy(HannWindow.periodic(config.windowSize()), 0, window, (size - config.windowSize()) / 2,
                config.windowSize());
        this.inversion = new MelInversion(config);
        this.fft = new DoubleFFT_1D(size);
    }

    /**
     * Synthesises frames·hop samples; the same ones for the same mels.
     *
     * @param mel [mels, frames], natural logarithm
     * @param iterations from the random phases on, at least 0; 32 and 60 are usual
     * @throws IllegalArgumentException if the mel has another shape
     */
    float[] vocode(NdArray mel, int iterations) {
        if (mel.shape().rank() != 2 || mel.shape().dim(0) != config.mels()) {
            throw new IllegalArgumentException("Griffin-Lim: mel has shape " + mel.shape() + ", expected ["
                    + config.mels() + ",frames]");
        }
        int frames = mel.shape().dim(1);
        double[][] magnitudes = new double[frames][];
        double[][] spectrum = new double[frames][size];
        double[][] previous = new double[frames][size];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int frame = 0; frame < frames; frame++) {
            magnitudes[frame] = inversion.magnitudes(mel, frame);
            for (int i = 0; i < size; i++) {
                spectrum[frame][i] = random.nextDouble(-1, 1);
            }
            impose(magnitudes[frame], spectrum[frame]);
        }
        for (int iteration = 0; iteration < iterations; iteration++) {
            double[] sound = sound(spectrum);
            for (int frame = 0; frame < frames; frame++) {
                double[] next = spectrum(sound, frame);
                for (int i = 0; i < size; i++) {
                    spectrum[frame][i] = next[i] + MOMENTUM * (next[i] - previous[frame][i]);
                }
                previous[frame] = next;
                impose(magnitudes[frame], spectrum[frame]);
            }
        }
        return cut(sound(spectrum), frames * hop);
    }

    /**
     * Scales every frequency to its magnitude. The spectrum is packed as JTransforms does it: re₀, re_{n/2}, re₁, im₁,
     * re₂, im₂, …
     */
    private static void impose(double[] magnitudes, double[] spectrum) {
        int last = magnitudes.length - 1;
        spectrum[0] = Math.copySign(magnitudes[0], spectrum[0]);
        spectrum[1] = Math.copySign(magnitudes[last], spectrum[1]);
        for (int k = 1; k < last; k++) {
            double length = Math.hypot(spectrum[2 * k], spectrum[2 * k + 1]);
            double scale = length > 0 ? magnitudes[k] / length : 0;
            spectrum[2 * k] *= scale;
            spectrum[2 * k + 1] *= scale;
        }
    }

    /** The sound whose spectrum comes closest: Σ w·frame / Σ w². It begins where the first frame does. */
    private double[] sound(double[][] spectrum) {
        int frames = spectrum.length;
        double[] sound = new double[(frames - 1) * hop + size];
        double[] weights = new double[sound.length];
        for (int frame = 0; frame < frames; frame++) {
            double[] wave = spectrum[frame].clone();
            fft.realInverse(wave, true);
            for (int i = 0; i < size; i++) {
                sound[frame * hop + i] += window[i] * wave[i];
                weights[frame * hop + i] += window[i] * window[i];
            }
        }
        for (int i = 0; i < sound.length; i++) {
            sound[i] = weights[i] > 0 ? sound[i] / weights[i] : 0;
        }
        return sound;
    }

    private double[] spectrum(double[] sound, int frame) {
        double[] wave = new double[size];
        for (int i = 0; i < size; i++) {
            wave[i] = window[i] * sound[frame * hop + i];
        }
        fft.realForward(wave);
        return wave;
    }

    /** Without the reflected margin that the first frame of a mel spectrogram begins in. */
    private float[] cut(double[] sound, int samples) {
        float[] cut = new float[samples];
        int margin = (size - hop) / 2;
        for (int i = 0; i < samples; i++) {
            cut[i] = (float) sound[margin + i];
        }
        return cut;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The mel spectrogram a generator was trained on. How many bands it has, the hop and the sampling rate are always in
 * range; the rest matters, and is checked, only where a spectrogram is computed: {@link #requireAnalysis}.
 *
 * @param mels {@code num_mels}: bands
 * @param fftSize {@code n_fft}, in samples
 * @param hopSize {@code hop_size}: samples from one frame to the next
 * @param windowSize {@code win_size}: length of the Hann window in samples, at most {@code fftSize}
 * @param samplingRate {@code sampling_rate}, in Hz
 * @param fmin {@code fmin}: lower edge of the lowest band, in Hz
 * @param fmax {@code fmax}: upper edge of the highest band, in Hz; bands above half the sampling rate are empty
 * @param unusable what the file says under keys whose values are none, as it says it: text for a number, for instance
 */
public record MelConfig(int mels, int fftSize, int hopSize, int windowSize, int samplingRate, double fmin, double fmax,
        Map<String, String> unusable) {

    /** In Hz; far above any recording's. */
    private static final double HIGHEST = 10_000_000;

    /** @throws IllegalArgumentException if bands, hop or sampling rate are out of range; names key and value */
    public MelConfig {
        Bounds.check("num_mels", mels, 1, 4096);
        Bounds.check("hop_size", hopSize, 1, 1 << 16);
        Bounds.check("sampling_rate", samplingRate, 1, 10_000_000);
        unusable = Map.copyOf(unusable);
    }

    /** All of whose values are there. */
    public MelConfig(int mels, int fftSize, int hopSize, int windowSize, int samplingRate, double fmin, double fmax) {
        this(mels, fftSize, hopSize, windowSize, samplingRate, fmin, fmax, Map.of());
    }

    /**
     * Reads what a {@code config.json} says about the spectrogram; whatever else is in it does not matter.
     *
     * @throws IOException if the file cannot be read, is no JSON object, or lacks or contradicts what a spectrogram
     *     needs; the message names the file and the key
     */
    public static MelConfig read(Path file) throws IOException {
        return ConfigJson.readMel(file);
    }

    /** The {@code fmax_for_loss} of a {@code config.json} with this spectrogram, in Hz; half the rate if it has none. */
    public double readFmaxForLoss(Path file) throws IOException {
        return ConfigJson.readFmaxForLoss(file, this);
    }

    /** Half the sampling rate, in Hz: the highest frequency there is. */
    public double nyquist() {
        return samplingRate / 2.0;
    }

    /** @throws IllegalArgumentException if no spectrogram can be computed with these values; names keys and values */
    public void requireAnalysis() {
        Bounds.check("n_fft", fftSize, 2, 1 << 17, unusable);
        Bounds.check("win_size", windowSize, 1, 1 << 17, unusable);
        if (fftSize < windowSize) {
            throw new IllegalArgumentException("n_fft is " + fftSize + ", expected at least win_size, which is "
                    + windowSize);
        }
        if (fftSize < hopSize) {
            throw new IllegalArgumentException("n_fft is " + fftSize + ", expected at least hop_size, which is "
                    + hopSize);
        }
        checkFmax("fmax", fmax);
    }

    void checkFmax(String key, double value) {
        Bounds.check("fmin", fmin, 0, nyquist(), unusable);
        Bounds.check(key, value, 0, HIGHEST, unusable);
        if (value <= fmin) {
            throw new IllegalArgumentException(key + " is " + value + " Hz, expected more than fmin, which is " + fmin
                    + " Hz");
        }
    }

    /** A line for people if {@code fmax} is above what the sampling rate can hold. */
    public Optional<String> warning() {
        return warning("fmax", fmax);
    }

    /** The same of another upper edge, in Hz, whose name is {@code key}. */
    public Optional<String> warning(String key, double value) {
        return !(value > nyquist()) ? Optional.empty() : Optional.of(key + " is " + value + " Hz, more than half of "
                + "sampling_rate, which is " + samplingRate + " Hz: the mel bands above are empty");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

/**
 * The mel spectrogram a generator was trained on.
 *
 * @param mels {@code num_mels}: bands
 * @param fftSize {@code n_fft}, in samples
 * @param hopSize {@code hop_size}: samples from one frame to the next
 * @param windowSize {@code win_size}: length of the Hann window in samples, at most {@code fftSize}
 * @param samplingRate {@code sampling_rate}, in Hz
 * @param fmin {@code fmin}: lower edge of the lowest band, in Hz
 * @param fmax {@code fmax}: upper edge of the highest band, in Hz; at most half the sampling rate
 */
public record MelConfig(
        int mels, int fftSize, int hopSize, int windowSize, int samplingRate, double fmin, double fmax) {

    /** @throws IllegalArgumentException if a value is out of range or contradicts another; names keys and values */
    public MelConfig {
        Bounds.check("num_mels", mels, 1, 4096);
        Bounds.check("n_fft", fftSize, 2, 1 << 17);
        Bounds.check("hop_size", hopSize, 1, 1 << 16);
        Bounds.check("win_size", windowSize, 1, 1 << 17);
        Bounds.check("sampling_rate", samplingRate, 1, 10_000_000);
        if (fftSize < windowSize) {
            throw new IllegalArgumentException("n_fft is " + fftSize + ", expected at least win_size, which is "
                    + windowSize);
        }
        if (fftSize < hopSize) {
            throw new IllegalArgumentException("n_fft is " + fftSize + ", expected at least hop_size, which is "
                    + hopSize);
        }
        checkFmax("fmax", fmax, fmin, samplingRate);
    }

    /** Half the sampling rate, in Hz: the highest frequency there is. */
    public double nyquist() {
        return samplingRate / 2.0;
    }

    static void checkFmax(String key, double fmax, double fmin, int samplingRate) {
        Bounds.check("fmin", fmin, 0, samplingRate / 2.0);
        if (!(fmax > fmin)) {
            throw new IllegalArgumentException(key + " is " + fmax + " Hz, expected more than fmin, which is " + fmin
                    + " Hz");
        }
        if (fmax > samplingRate / 2.0) {
            throw new IllegalArgumentException(key + " is " + fmax + " Hz, expected at most half of sampling_rate, "
                    + "which is " + samplingRate + " Hz");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import aulos.hifigan.audio.HannWindow;
import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * A short-time Fourier transform, a frame at a time: frame f is centred on sample f·hop of the signal, which is reflected
 * at both ends, under a periodic Hann window that may be shorter than the transform; PyTorch's {@code stft} with
 * {@code center=True}.
 */
final class Stft {
    private final int fftSize;
    private final int hop;
    private final double[] window;
    private final DoubleFFT_1D fft;
    private final double[] frame;

    /** All in samples; {@code fftSize} is even and at least {@code windowSize}. */
    Stft(int fftSize, int hop, int windowSize) {
        this.fftSize = fftSize;
        this.hop = hop;
        this.window = HannWindow.periodic(windowSize);
        this.fft = new DoubleFFT_1D(fftSize);
        this.frame = new double[fftSize];
    }

    int bins() {
        return fftSize / 2 + 1;
    }

    int frames(int samples) {
        return 1 + samples / hop;
    }

    /** The power spectrum of one frame, re² + im², into {@code power}, which has {@link #bins} places. */
    void power(float[] samples, int index, double[] power) {
        Arrays.fill(frame, 0);
        int before = (fftSize - window.length) / 2;
        int start = index * hop - fftSize / 2 + before;
        for (int i = 0; i < window.length; i++) {
            int at = Math.abs(start + i);
            frame[before + i] = window[i] * samples[at < samples.length ? at : 2 * (samples.length - 1) - at];
        }
        fft.realForward(frame);
        int last = fftSize / 2;
        // JTransforms puts the last bin, which is real, where the first one's imaginary part would be.
        power[0] = frame[0] * frame[0];
        power[last] = frame[1] * frame[1];
        for (int k = 1; k < last; k++) {
            power[k] = frame[2 * k] * frame[2 * k] + frame[2 * k + 1] * frame[2 * k + 1];
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

/** The window of the short-time Fourier transform. */
public final class HannWindow {
    private HannWindow() {}

    /**
     * The periodic Hann window, w[i] = ½ − ½·cos(2πi / size): the next period would begin at i = size.
     *
     * @throws IllegalArgumentException if {@code size} is below 1
     */
    public static double[] periodic(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("Hann window: size " + size + ", expected at least 1");
        }
        double[] window = new double[size];
        for (int i = 0; i < size; i++) {
            window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / size);
        }
        return window;
    }
}

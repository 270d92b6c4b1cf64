// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import aulos.engine.Kernel;

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
        return Kernel.RealDft.window(size, size);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import aulos.engine.NdArray;
import java.io.IOException;
import java.util.Arrays;

/** All that a vocoder says. */
final class Recorded {
    private float[] samples = {};

    private Recorded() {}

    static float[] of(Vocoder vocoder, NdArray mel) throws IOException {
        Recorded recorded = new Recorded();
        vocoder.vocode(mel, (buffer, offset, count) -> {
            int before = recorded.samples.length;
            recorded.samples = Arrays.copyOf(recorded.samples, before + count);
            System.arraycopy(buffer, offset, recorded.samples, before, count);
        });
        return recorded.samples;
    }
}

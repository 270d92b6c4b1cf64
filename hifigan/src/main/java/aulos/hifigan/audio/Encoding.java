// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

/** How {@link WavWriter} stores a sample. */
public enum Encoding {
    PCM16(16),
    PCM24(24),
    FLOAT32(32);

    private final int bits;

    Encoding(int bits) {
        this.bits = bits;
    }

    int bits() {
        return bits;
    }

    int bytes() {
        return bits / 8;
    }
}

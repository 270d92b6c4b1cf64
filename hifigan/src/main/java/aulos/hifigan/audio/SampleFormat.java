// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.nio.ByteBuffer;

/** How a WAV file holds one sample, little-endian; integers fill their bytes from the top, 8 bits are unsigned. */
enum SampleFormat {
    PCM8(1),
    PCM16(2),
    PCM24(3),
    PCM32(4),
    FLOAT32(4),
    FLOAT64(8);

    final int bytes;

    SampleFormat(int bytes) {
        this.bytes = bytes;
    }

    /** The next sample; integers of b bits are divided by 2^(b−1). */
    double next(ByteBuffer source) {
        return switch (this) {
            case PCM8 -> ((source.get() & 0xff) - 0x80) * 0x1p-7;
            case PCM16 -> source.getShort() * 0x1p-15;
            case PCM24 -> ((source.getShort() & 0xffff) | (source.get() << 16)) * 0x1p-23;
            case PCM32 -> source.getInt() * 0x1p-31;
            case FLOAT32 -> source.getFloat();
            case FLOAT64 -> source.getDouble();
        };
    }
}

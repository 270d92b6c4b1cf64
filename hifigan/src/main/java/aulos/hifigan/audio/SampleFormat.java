// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a WAV file holds one sample; integers fill their bytes from the top, 8 bits are unsigned. */
enum SampleFormat {
    PCM8(1),
    PCM16(2),
    PCM24(3),
    PCM32(4),
    PCM40(5),
    PCM48(6),
    PCM56(7),
    PCM64(8),
    FLOAT32(4),
    FLOAT64(8);

    final int bytes;

    SampleFormat(int bytes) {
        this.bytes = bytes;
    }

    /** Integers in {@code bytes} bytes, 1 to 8. */
    static SampleFormat pcm(int bytes) {
        return values()[bytes - 1];
    }

    /** The next sample, in the buffer's byte order; integers of b bits are divided by 2^(b−1). */
    double next(ByteBuffer source) {
        return switch (this) {
            case PCM8 -> ((source.get() & 0xff) - 0x80) * 0x1p-7;
            case PCM16 -> source.getShort() * 0x1p-15;
            case PCM32 -> source.getInt() * 0x1p-31;
            case PCM64 -> source.getLong() * 0x1p-63;
            case PCM24, PCM40, PCM48, PCM56 -> integer(source) * 0x1p-63;
            case FLOAT32 -> source.getFloat();
            case FLOAT64 -> source.getDouble();
        };
    }

    /** A number at the top of 64 bits. */
    private long integer(ByteBuffer source) {
        boolean little = source.order() == ByteOrder.LITTLE_ENDIAN;
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            long next = source.get() & 0xffL;
            value |= next << 8 * (little ? Long.BYTES - bytes + i : Long.BYTES - 1 - i);
        }
        return value;
    }
}

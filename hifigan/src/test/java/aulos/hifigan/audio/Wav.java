// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds WAV files byte by byte, right or wrong ones. */
final class Wav {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static Wav riff(long size) {
        return new Wav().ascii("RIFF").u32(size).ascii("WAVE");
    }

    /** A plain 'fmt ' chunk of 16 bytes. */
    Wav format(int tag, int channels, int rate, int bits) {
        int frame = channels * ((bits + 7) / 8);
        return ascii("fmt ").u32(16).u16(tag).u16(channels).u32(rate).u32((long) rate * frame).u16(frame).u16(bits);
    }

    Wav extensible(int tag, int channels, int rate, int bits, int validBits) {
        int frame = channels * bits / 8;
        return ascii("fmt ").u32(40).u16(0xfffe).u16(channels).u32(rate).u32((long) rate * frame).u16(frame).u16(bits)
                .u16(22).u16(validBits).u32(0).u16(tag).raw(0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71);
    }

    Wav chunk(String tag, long size) {
        return ascii(tag).u32(size);
    }

    Wav ascii(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    Wav raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    Wav u16(int value) {
        return raw(value, value >> 8);
    }

    Wav u32(long value) {
        return raw((int) value, (int) (value >> 8), (int) (value >> 16), (int) (value >> 24));
    }

    Wav f32(float value) {
        return u32(Float.floatToRawIntBits(value));
    }

    Wav f64(double value) {
        bytes.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}

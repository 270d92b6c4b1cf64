// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds WAV files byte by byte, right or wrong ones. */
final class Wav {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean big;

    static Wav riff(long size) {
        return new Wav().ascii("RIFF").u32(size).ascii("WAVE");
    }

    /** Everything from here on is big-endian. */
    static Wav rifx(long size) {
        Wav wav = new Wav();
        wav.big = true;
        return wav.ascii("RIFX").u32(size).ascii("WAVE");
    }

    /** With sizes in 64 bits: of the file, of the data. */
    static Wav rf64(String tag, long size, long data) {
        return new Wav().ascii(tag).u32(0xffff_ffffL).ascii("WAVEds64").u32(28).u64(size).u64(data).u64(0).u32(0);
    }

    /** A plain 'fmt ' chunk of 16 bytes. */
    Wav format(int tag, int channels, int rate, int bits) {
        return format(tag, channels, rate, bits, channels * ((bits + 7) / 8));
    }

    Wav format(int tag, int channels, int rate, int bits, int frame) {
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
        return big ? raw(value >> 8, value) : raw(value, value >> 8);
    }

    Wav u32(long value) {
        return big ? u16((int) (value >> 16)).u16((int) value) : u16((int) value).u16((int) (value >> 16));
    }

    Wav u64(long value) {
        return big ? u32(value >> 32).u32(value) : u32(value).u32(value >> 32);
    }

    Wav f32(float value) {
        return u32(Float.floatToRawIntBits(value));
    }

    Wav f64(double value) {
        return u64(Double.doubleToRawLongBits(value));
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}

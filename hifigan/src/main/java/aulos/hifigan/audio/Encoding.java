// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** How a WAV file that we write stores a sample. */
public enum Encoding {
    PCM16(16),
    PCM24(24),
    FLOAT32(32);

    private static final int FORMAT_PCM = 1;
    private static final int FORMAT_FLOAT = 3;

    /** Leaves no bits for fractions: what it is added to and taken from again is rounded as {@link Math#rint} does. */
    private static final double TO_WHOLE = 0x1.8p52;

    private final int bits;

    Encoding(int bits) {
        this.bits = bits;
    }

    /** Of a sample. */
    public int bytes() {
        return bits / 8;
    }

    /** Appends a sample, full scale ±1: integers round to the nearest and clip at ±(2^(bits−1) − 1). */
    void put(ByteBuffer target, float sample) {
        switch (this) {
            case PCM16 -> target.putShort((short) quantize(sample));
            case PCM24 -> {
                int value = quantize(sample);
                target.putShort((short) value).put((byte) (value >> 16));
            }
            case FLOAT32 -> target.putFloat(sample);
        }
    }

    private int quantize(float sample) {
        int max = (1 << (bits - 1)) - 1;
        double value = sample * (max + 1.0);
        double clipped = value > max ? max : value < -max ? -max : value;
        return (int) (clipped + TO_WHOLE - TO_WHOLE);
    }

    /** The header of a mono WAV file with so many samples, ready to be read. */
    ByteBuffer wavHeader(int sampleRate, long samples) {
        boolean isFloat = this == FLOAT32;
        int formatBytes = isFloat ? 18 : 16;
        int length = 28 + formatBytes + (isFloat ? 12 : 0);
        long dataBytes = samples * bytes();
        ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("RIFF")).putInt((int) (length - 8 + dataBytes + (dataBytes & 1))).put(ascii("WAVEfmt "));
        header.putInt(formatBytes).putShort((short) (isFloat ? FORMAT_FLOAT : FORMAT_PCM)).putShort((short) 1);
        header.putInt(sampleRate).putInt(sampleRate * bytes());
        header.putShort((short) bytes()).putShort((short) bits);
        if (isFloat) {
            header.putShort((short) 0).put(ascii("fact")).putInt(Integer.BYTES).putInt((int) samples);
        }
        return header.put(ascii("data")).putInt((int) dataBytes).flip();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

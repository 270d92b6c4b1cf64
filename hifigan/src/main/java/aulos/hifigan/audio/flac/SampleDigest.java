// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The MD5 of samples: interleaved, little-endian, in as many bytes as they need. */
final class SampleDigest {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final MessageDigest md5;
    private final int width;
    private byte[] bytes = {};

    SampleDigest(int bits) {
        try {
            this.md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has MD5", e);
        }
        this.width = (bits + 7) / 8;
    }

    /** Goes on with the first {@code count} samples of each channel. */
    void update(Channel[] channels, int count) {
        int length = count * channels.length * width;
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        for (int channel = 0; channel < channels.length; channel++) {
            put(channels[channel].samples(), count, channel * width, channels.length * width);
        }
        md5.update(bytes, 0, length);
    }

    private void put(int[] samples, int count, int from, int step) {
        for (int i = 0, at = from; i < count; i++, at += step) {
            int sample = samples[i];
            switch (width) {
                case 1 -> bytes[at] = (byte) sample;
                case 2 -> SHORT.set(bytes, at, (short) sample);
                case 3 -> {
                    SHORT.set(bytes, at, (short) sample);
                    bytes[at + 2] = (byte) (sample >> 16);
                }
                default -> INT.set(bytes, at, sample);
            }
        }
    }

    byte[] value() {
        return md5.digest();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.ByteArrayOutputStream;

/** Builds FLAC files bit by bit, right or wrong ones: mono, 16 bits, 22,050 Hz, one subframe of each frame as asked. */
public final class Flac {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int pending;
    private int pendingBits;

    /** The marker and STREAMINFO without a digest; {@code total} 0 stands for unknown. */
    public static Flac file(int total) {
        Flac flac = new Flac().bits('f', 8).bits('L', 8).bits('a', 8).bits('C', 8);
        flac.bits(0x80, 8).bits(34, 24).bits(16, 16).bits(65535, 16).bits(0, 24).bits(0, 24);
        flac.bits(22_050, 20).bits(0, 3).bits(15, 5).bits(0, 4).bits(total, 32);
        return flac.raw(new byte[16]);
    }

    /** A frame with the right checksums; {@code subframe} holds what comes after the frame's header. */
    public Flac frame(int size, Flac subframe) {
        Flac frame = new Flac().bits(0xfff9, 16).bits(7, 4).bits(0, 4).bits(0, 4).bits(4, 3).bits(0, 1);
        frame.bits(0, 8).bits(size - 1, 16);
        frame.bits(crc(frame.bytes(), 8, 0x07), 8);
        frame.raw(subframe.bytes());
        frame.bits(crc(frame.bytes(), 16, 0x8005), 16);
        return raw(frame.bytes());
    }

    public Flac bits(int value, int count) {
        for (int bit = count - 1; bit >= 0; bit--) {
            pending = pending << 1 | (value >> bit & 1);
            if (++pendingBits == 8) {
                bytes.write(pending);
                pending = 0;
                pendingBits = 0;
            }
        }
        return this;
    }

    Flac raw(byte... values) {
        bytes.writeBytes(values);
        return this;
    }

    /** With zeros up to a whole byte. */
    public byte[] bytes() {
        return bits(0, -pendingBits & 7).bytes.toByteArray();
    }

    private static int crc(byte[] bytes, int width, int polynomial) {
        int crc = 0;
        for (byte b : bytes) {
            crc ^= (b & 0xff) << (width - 8);
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ ((crc >> (width - 1) & 1) * polynomial);
            }
            crc &= (1 << width) - 1;
        }
        return crc;
    }
}

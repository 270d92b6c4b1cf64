// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.ByteArrayOutputStream;

/** Bits put together, the most significant of each byte first. */
final class Bits {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int pending;
    private int pendingBits;

    /** The lowest {@code count} bits of a value. */
    Bits put(long value, int count) {
        for (int bit = count - 1; bit >= 0; bit--) {
            pending = pending << 1 | (int) (value >> bit & 1);
            if (++pendingBits == 8) {
                bytes.write(pending);
                pending = 0;
                pendingBits = 0;
            }
        }
        return this;
    }

    Bits raw(byte... values) {
        for (byte value : values) {
            put(value, 8);
        }
        return this;
    }

    Bits unary(long zeros) {
        for (long i = 0; i < zeros; i++) {
            put(0, 1);
        }
        return put(1, 1);
    }

    /** With zeros up to a whole byte. */
    byte[] bytes() {
        return put(0, -pendingBits & 7).bytes.toByteArray();
    }

    /** What makes the bytes so far divide by a polynomial of that degree, whose highest term is left out. */
    Bits checksum(int degree, int polynomial) {
        int remainder = 0;
        for (byte b : bytes()) {
            remainder ^= (b & 0xff) << (degree - 8);
            for (int bit = 0; bit < 8; bit++) {
                remainder = remainder << 1 ^ (remainder >> (degree - 1) & 1) * polynomial;
            }
            remainder &= (1 << degree) - 1;
        }
        return put(remainder, degree);
    }
}

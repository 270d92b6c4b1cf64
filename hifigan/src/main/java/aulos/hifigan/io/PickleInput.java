// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, in the units its opcodes take; all numbers but the floats are little-endian. */
final class PickleInput {
    private static final int MAX_TEXT = 1 << 20;
    private static final int MAX_NAME = 200;

    private final InputStream in;
    private long position;

    /**
     * @param in buffered
     * @param position where the stream begins within the file, for messages
     */
    PickleInput(InputStream in, long position) {
        this.in = in;
        this.position = position;
    }

    /** How many bytes of the file lie before the next one. */
    long position() {
        return position;
    }

    int u8() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new IOException("the pickle ends at byte " + position + " without a STOP");
        }
        position++;
        return b;
    }

    int u16() throws IOException {
        return u8() | (u8() << 8);
    }

    int i32() throws IOException {
        return u16() | (u16() << 16);
    }

    long i64() throws IOException {
        return (i32() & 0xFFFF_FFFFL) | ((long) i32() << 32);
    }

    double f64() throws IOException {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** A two's complement integer of {@code length} bytes. */
    long integer(long length) throws IOException {
        if (length > Long.BYTES) {
            throw new IOException("an integer at byte " + position + " of the pickle has " + length
                    + " bytes, expected at most " + Long.BYTES);
        }
        byte[] bytes = bytes((int) length);
        long value = length > 0 && bytes[bytes.length - 1] < 0 ? -1 : 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = (value << 8) | (bytes[i] & 0xFF);
        }
        return value;
    }

    String text(long length) throws IOException {
        if (length < 0 || length > MAX_TEXT) {
            throw new IOException("a string at byte " + position + " of the pickle claims " + length
                    + " bytes, expected at most " + MAX_TEXT);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes((int) length))).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("the string before byte " + position + " of the pickle is not UTF-8", e);
        }
    }

    /** A name up to the end of its line. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = u8(); b != '\n'; b = u8()) {
            if (line.length() == MAX_NAME) {
                throw new IOException("the name of a class before byte " + position + " of the pickle is longer than "
                        + MAX_NAME + " characters");
            }
            line.append((char) b);
        }
        return line.toString();
    }

    private byte[] bytes(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        position += bytes.length;
        if (bytes.length < length) {
            throw new IOException("the pickle ends at byte " + position + " within a value of " + length + " bytes");
        }
        return bytes;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes one protobuf message, field by field
 * (<a href="https://protobuf.dev/programming-guides/encoding/">wire format</a>). A large field is written elsewhere:
 * {@link #header} only announces it.
 */
public final class Protobuf {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Protobuf integer(int field, long value) {
        varint((long) field << 3 | VARINT);
        varint(value);
        return this;
    }

    public Protobuf fixed32(int field, float value) {
        varint((long) field << 3 | FIXED32);
        fixed(Float.floatToRawIntBits(value), Integer.SIZE);
        return this;
    }

    public Protobuf fixed64(int field, double value) {
        varint((long) field << 3 | FIXED64);
        fixed(Double.doubleToRawLongBits(value), Long.SIZE);
        return this;
    }

    public Protobuf text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public Protobuf message(int field, Protobuf value) {
        return bytes(field, value.toBytes());
    }

    public Protobuf bytes(int field, byte[] value) {
        header(field, value.length);
        out.writeBytes(value);
        return this;
    }

    /** Tag and length of a field whose {@code length} bytes follow. */
    public Protobuf header(int field, long length) {
        varint((long) field << 3 | LENGTH_DELIMITED);
        varint(length);
        return this;
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }

    private void fixed(long value, int bits) {
        for (int shift = 0; shift < bits; shift += Byte.SIZE) {
            out.write((int) (value >>> shift));
        }
    }

    /** Seven bits to a byte, lowest first; the top bit says that more follow. */
    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}

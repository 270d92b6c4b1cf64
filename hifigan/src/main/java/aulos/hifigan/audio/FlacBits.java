// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads a FLAC stream bit by bit, most significant first, and keeps its checksums. */
final class FlacBits {
    private static final VarHandle BIG_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int[] CRC_8 = crcTable(8, 0x07);
    private static final int[] CRC_16 = crcTable(16, 0x8005);

    /** A 64-bit window that starts within a byte still holds this many bits. */
    private static final int WINDOW_BITS = 57;
    private static final int CAPACITY = 1 << 16;
    private static final int MAX_HEADER_BYTES = 32;

    private final FileBytes file;
    private final byte[] buffer = new byte[CAPACITY + Long.BYTES];
    private int filled;
    private long position;
    private boolean lastBuffer;
    private int crcFrom;
    private int crc16;

    FlacBits(FileBytes file) {
        this.file = file;
    }

    /** The next {@code count} ≤ 57 bits, unsigned. */
    long unsigned(int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        long value = window() >>> (64 - count);
        advance(count);
        return value;
    }

    /** The next {@code count} ≤ 57 bits in two's complement. */
    long signed(int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        long value = window() >> (64 - count);
        advance(count);
        return value;
    }

    /** The number of zeros before the next one, which is passed over too. */
    long unary() throws IOException {
        long zeros = 0;
        while (true) {
            int leading = Long.numberOfLeadingZeros(window());
            if (leading < WINDOW_BITS) {
                advance(leading + 1);
                return zeros + leading;
            }
            advance(WINDOW_BITS);
            zeros += WINDOW_BITS;
        }
    }

    /** Passes over what is left of a byte; whether that was zeros, as it has to be. */
    boolean align() throws IOException {
        return unsigned((int) (-position & 7)) == 0;
    }

    /** Whether the file ends here; only asked at the border of a byte. */
    boolean atEnd() throws IOException {
        if (position >>> 3 == filled) {
            refill();
        }
        return position >>> 3 == filled;
    }

    /** Starts both checksums at the next byte, the first of a frame. */
    void startChecksum() throws IOException {
        if (!lastBuffer && filled - (position >>> 3) < MAX_HEADER_BYTES) {
            refill();
        }
        crcFrom = (int) (position >>> 3);
        crc16 = 0;
    }

    /** CRC-8 of everything since {@link #startChecksum}: a frame's header, of which the buffer still has all. */
    int crc8() {
        int crc = 0;
        for (int i = crcFrom; i < position >>> 3; i++) {
            crc = CRC_8[crc ^ (buffer[i] & 0xff)];
        }
        return crc;
    }

    /** CRC-16 of everything since {@link #startChecksum}. */
    int crc16() {
        int end = (int) (position >>> 3);
        for (int i = crcFrom; i < end; i++) {
            crc16 = ((crc16 << 8) & 0xffff) ^ CRC_16[(crc16 >> 8) ^ (buffer[i] & 0xff)];
        }
        crcFrom = end;
        return crc16;
    }

    /** 64 bits of which the first 57 or more are the next of the stream, or zeros behind its end. */
    private long window() throws IOException {
        if (!lastBuffer && position > ((long) filled << 3) - 64) {
            refill();
        }
        return (long) BIG_ENDIAN.get(buffer, (int) (position >>> 3)) << (position & 7);
    }

    private void advance(int bits) throws IOException {
        position += bits;
        if (position > (long) filled << 3) {
            throw file.error("is truncated: it ends inside a frame");
        }
    }

    private void refill() throws IOException {
        crc16();
        int from = (int) (position >>> 3);
        System.arraycopy(buffer, from, buffer, 0, filled - from);
        filled -= from;
        position &= 7;
        crcFrom = 0;
        while (filled < CAPACITY && !lastBuffer) {
            int read = file.read(buffer, filled, CAPACITY - filled);
            lastBuffer = read < 0;
            filled += Math.max(read, 0);
        }
        Arrays.fill(buffer, filled, buffer.length, (byte) 0);
    }

    private static int[] crcTable(int bits, int polynomial) {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << (bits - 8);
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ ((crc >> (bits - 1) & 1) * polynomial);
            }
            table[i] = crc & ((1 << bits) - 1);
        }
        return table;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

/** The checksum of a frame: x¹⁶ + x¹⁵ + x² + 1, the highest bit first, from 0 on (RFC 9639, section 9.3). */
final class Crc16 {
    private static final int POLYNOMIAL = 0x8005;

    /** How many bytes are taken at a time. */
    private static final int STEP = 8;

    /** What a byte with so many zero bytes behind it leaves. */
    private static final char[][] TABLES = tables();

    private int value;

    private static char[][] tables() {
        char[][] tables = new char[STEP][256];
        for (int b = 0; b < 256; b++) {
            int remainder = b << 8;
            for (int zeros = 0; zeros < STEP; zeros++) {
                for (int bit = 0; bit < 8; bit++) {
                    remainder = remainder << 1 ^ (remainder >> 15 & 1) * POLYNOMIAL;
                }
                tables[zeros][b] = (char) remainder;
            }
        }
        return tables;
    }

    void reset() {
        value = 0;
    }

    int value() {
        return value;
    }

    /** Goes on with {@code bytes} from {@code from} up to {@code to}. */
    void update(byte[] bytes, int from, int to) {
        int crc = value;
        int i = from;
        for (; i <= to - STEP; i += STEP) {
            crc = TABLES[7][(bytes[i] ^ crc >> 8) & 0xff] ^ TABLES[6][(bytes[i + 1] ^ crc) & 0xff]
                    ^ TABLES[5][bytes[i + 2] & 0xff] ^ TABLES[4][bytes[i + 3] & 0xff]
                    ^ TABLES[3][bytes[i + 4] & 0xff] ^ TABLES[2][bytes[i + 5] & 0xff]
                    ^ TABLES[1][bytes[i + 6] & 0xff] ^ TABLES[0][bytes[i + 7] & 0xff];
        }
        for (; i < to; i++) {
            crc = (crc << 8 ^ TABLES[0][(bytes[i] ^ crc >> 8) & 0xff]) & 0xffff;
        }
        value = crc;
    }
}

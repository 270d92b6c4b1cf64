// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;

/**
 * The header of a frame (RFC 9639, section 9.1).
 *
 * @param size samples of each channel
 * @param sampleRate in Hz
 * @param bits of a sample
 * @param number of the frame, or of its first sample
 */
record FrameHeader(int size, int sampleRate, int channels, Stereo stereo, int bits, long number) {
    private static final int[] RATES = {0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
        96_000};
    private static final int[] BITS = {0, 8, 12, 0, 16, 20, 24, 32};

    /** A header is whole bytes, with a checksum of their own: x⁸ + x² + x + 1. */
    private static final class Bytes {
        private static final int POLYNOMIAL = 0x07;

        private final BitInput in;
        private int crc;

        Bytes(BitInput in) {
            this.in = in;
        }

        int next() throws IOException {
            int value = in.unsigned(8);
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc << 1 ^ (crc >> 7 & 1) * (POLYNOMIAL | 0x100);
            }
            return value;
        }

        int nextTwo() throws IOException {
            int high = next();
            return high << 8 | next();
        }

        /** In UTF-8's manner, but of up to 36 bits. */
        long number() throws IOException {
            int first = next();
            int ones = Integer.numberOfLeadingZeros(~(first << 24));
            if (ones == 1 || ones == 8) {
                throw new Damage("its number begins with byte " + Integer.toHexString(first));
            }
            long number = first & 0x7f >> ones;
            for (int i = 1; i < ones; i++) {
                int more = next();
                if (more >> 6 != 0b10) {
                    throw new Damage("its number goes on with byte " + Integer.toHexString(more));
                }
                number = number << 6 | more & 0x3f;
            }
            return number;
        }
    }

    /**
     * Reads a header up to the first subframe.
     *
     * @param info says what headers leave open
     */
    static FrameHeader read(BitInput in, StreamInfo info) throws IOException {
        Bytes bytes = new Bytes(in);
        int sync = bytes.nextTwo();
        if (sync >> 1 != 0xfff8 >> 1) {
            throw new Damage("it begins with " + Integer.toHexString(sync) + ", expected fff8 or fff9");
        }
        int codes = bytes.nextTwo();
        int sizeCode = codes >> 12;
        int rateCode = codes >> 8 & 15;
        int channelCode = codes >> 4 & 15;
        int bitsCode = codes >> 1 & 7;
        if (sizeCode == 0 || rateCode == 15 || channelCode > 10 || bitsCode == 3 || (codes & 1) != 0) {
            throw new Damage("its header has the reserved code " + Integer.toHexString(codes));
        }
        long number = bytes.number();
        int size = switch (sizeCode) {
            case 1 -> 192;
            case 2, 3, 4, 5 -> 144 << sizeCode;
            case 6 -> bytes.next() + 1;
            case 7 -> bytes.nextTwo() + 1;
            default -> 1 << sizeCode;
        };
        int rate = switch (rateCode) {
            case 0 -> info.sampleRate();
            case 12 -> bytes.next() * 1000;
            case 13 -> bytes.nextTwo();
            case 14 -> bytes.nextTwo() * 10;
            default -> RATES[rateCode];
        };
        bytes.next();
        if (bytes.crc != 0) {
            throw new Damage("its header does not have the checksum that it claims");
        }
        int bits = bitsCode == 0 ? info.bits() : BITS[bitsCode];
        return new FrameHeader(size, rate, channelCode < 8 ? channelCode + 1 : 2, Stereo.of(channelCode), bits, number);
    }
}

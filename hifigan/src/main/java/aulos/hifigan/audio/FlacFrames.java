// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;

/** Decodes the frames of a FLAC stream, one after the other (RFC 9639, section 9). */
final class FlacFrames {
    private static final int SYNC = 0b111_1111_1111_1100;
    private static final int LEFT_SIDE = 8;
    private static final int SIDE_RIGHT = 9;
    private static final int MID_SIDE = 10;
    private static final int[] RATES =
            {0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000};
    private static final int[] SAMPLE_BITS = {0, 8, 12, -1, 16, 20, 24, 32};

    private final FileBytes file;
    private final FlacBits bits;
    private final FlacSubframe subframe;
    private final int sampleRate;
    private final int sampleBits;
    private final long[][] channels;
    private long number;
    private int size;

    FlacFrames(FileBytes file, FlacBits bits, int sampleRate, int channels, int sampleBits) {
        this.file = file;
        this.bits = bits;
        this.subframe = new FlacSubframe(this, bits);
        this.sampleRate = sampleRate;
        this.sampleBits = sampleBits;
        this.channels = new long[channels][0];
    }

    /** The number of samples of the frame in each channel. */
    int size() {
        return size;
    }

    /** The frame's samples, integers; only the first {@link #size()} are of the frame. */
    long[][] channels() {
        return channels;
    }

    IOException error(String message) {
        return file.error("frame " + number + ": " + message);
    }

    /** Decodes the next frame; false if the file ends before it. */
    boolean next() throws IOException {
        if (bits.atEnd()) {
            return false;
        }
        int assignment = header();
        if (channels[0].length < size) {
            for (int c = 0; c < channels.length; c++) {
                channels[c] = new long[size];
            }
        }
        for (int c = 0; c < channels.length; c++) {
            boolean side = assignment == SIDE_RIGHT ? c == 0 : assignment >= LEFT_SIDE && c == 1;
            subframe.decode(channels[c], size, side ? sampleBits + 1 : sampleBits);
        }
        if (!bits.align()) {
            throw error("has bits other than 0 before its checksum");
        }
        int crc = bits.crc16();
        int stored = (int) bits.unsigned(16);
        if (crc != stored) {
            throw error("is damaged: checksum 0x%04x, expected 0x%04x".formatted(crc, stored));
        }
        if (assignment >= LEFT_SIDE) {
            restoreStereo(assignment, channels[0], channels[1]);
        }
        number++;
        return true;
    }

    /** Reads a frame header, sets {@link #size}, and returns the channel assignment. */
    private int header() throws IOException {
        bits.startChecksum();
        if (bits.unsigned(15) != SYNC) {
            throw error("does not begin with a frame's marker");
        }
        bits.unsigned(1);
        int sizeCode = (int) bits.unsigned(4);
        int rateCode = (int) bits.unsigned(4);
        int assignment = (int) bits.unsigned(4);
        int bitsCode = (int) bits.unsigned(3);
        boolean reserved = bits.unsigned(1) != 0;
        skipCodedNumber();
        int size = switch (sizeCode) {
            case 0 -> 0;
            case 1 -> 192;
            case 2, 3, 4, 5 -> 144 << sizeCode;
            case 6 -> (int) bits.unsigned(8) + 1;
            case 7 -> (int) bits.unsigned(16) + 1;
            default -> 1 << sizeCode;
        };
        long rate = switch (rateCode) {
            case 12 -> bits.unsigned(8) * 1000;
            case 13 -> bits.unsigned(16);
            case 14 -> bits.unsigned(16) * 10;
            case 15 -> -1;
            default -> RATES[rateCode];
        };
        int crc = bits.crc8();
        if (crc != bits.unsigned(8)) {
            throw error("has a damaged header");
        }
        if (size == 0 || reserved || assignment > MID_SIDE) {
            throw error("uses a value that the format reserves");
        }
        int frameChannels = assignment < LEFT_SIDE ? assignment + 1 : 2;
        int frameBits = SAMPLE_BITS[bitsCode];
        if (frameChannels != channels.length || (rate != 0 && rate != sampleRate)
                || (frameBits != 0 && frameBits != sampleBits)) {
            throw error("has " + frameChannels + " channels, " + frameBits + " bits, " + rate
                    + " Hz (0: as the file), but the file " + channels.length + ", " + sampleBits + ", " + sampleRate);
        }
        this.size = size;
        return assignment;
    }

    /** The number of the frame or of its first sample, coded like a character in UTF-8 of up to 7 bytes. */
    private void skipCodedNumber() throws IOException {
        int ones = Integer.numberOfLeadingZeros(~((int) bits.unsigned(8) << 24));
        if (ones == 1 || ones == 8) {
            throw error("has a malformed number");
        }
        for (int i = 1; i < ones; i++) {
            if (bits.unsigned(8) >> 6 != 0b10) {
                throw error("has a malformed number");
            }
        }
    }

    private void restoreStereo(int assignment, long[] first, long[] second) {
        for (int i = 0; i < size; i++) {
            long a = first[i];
            long b = second[i];
            switch (assignment) {
                case LEFT_SIDE -> second[i] = a - b;
                case SIDE_RIGHT -> first[i] = a + b;
                default -> {
                    long right = (2 * a + (b & 1) - b) >> 1;
                    first[i] = right + b;
                    second[i] = right;
                }
            }
        }
    }
}

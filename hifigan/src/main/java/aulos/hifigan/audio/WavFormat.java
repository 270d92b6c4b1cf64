// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** What the 'fmt ' chunk of a WAV file says, plain or WAVE_FORMAT_EXTENSIBLE. */
record WavFormat(SampleFormat sample, int channels, int sampleRate) {
    private static final int BYTES = 16;
    private static final int EXTENSIBLE_BYTES = 40;
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xfffe;

    /** Codings that are met in WAV files, and not read. */
    private static final Map<Integer, String> OTHERS = Map.of(2, "Microsoft ADPCM", 6, "A-law", 7, "µ-law",
            0x11, "IMA ADPCM", 0x31, "GSM 6.10", 0x50, "MPEG", 0x55, "MP3");

    int frameBytes() {
        return sample.bytes * channels;
    }

    /** Reads a chunk of {@code size} bytes, or what matters of it. */
    static WavFormat read(FileBytes file, long size) throws IOException {
        if (size < BYTES) {
            throw file.error("its 'fmt ' chunk has " + size + " bytes, expected at least " + BYTES);
        }
        ByteBuffer chunk = file.require((int) Math.min(size, EXTENSIBLE_BYTES), "chunk 'fmt '");
        int start = chunk.position();
        int tag = Short.toUnsignedInt(chunk.getShort());
        int channels = Short.toUnsignedInt(chunk.getShort());
        long rate = Integer.toUnsignedLong(chunk.getInt());
        chunk.getInt();
        int frameBytes = Short.toUnsignedInt(chunk.getShort());
        int bits = Short.toUnsignedInt(chunk.getShort());
        if (tag == EXTENSIBLE) {
            if (size < EXTENSIBLE_BYTES) {
                throw file.error("its extensible 'fmt ' chunk has " + size + " bytes, expected at least "
                        + EXTENSIBLE_BYTES);
            }
            // The format's number is the first part of a GUID; its size, valid bits and speakers come before.
            tag = Short.toUnsignedInt(chunk.getShort(start + 24));
            chunk.position(start + EXTENSIBLE_BYTES);
        }
        AudioFile.checkRate(file, rate);
        if (channels == 0) {
            throw file.error("has 0 channels, expected at least 1");
        }
        SampleFormat sample = sample(file, tag, bits, frameBytes / channels);
        if (frameBytes != sample.bytes * channels) {
            throw file.error("has frames of " + frameBytes + " bytes, expected " + sample.bytes * channels + " for "
                    + channels + " channels of " + bits + " bits");
        }
        return new WavFormat(sample, channels, (int) rate);
    }

    /** @param bytes in a frame for each channel, which for integers may be more than their bits need */
    private static SampleFormat sample(FileBytes file, int tag, int bits, int bytes) throws IOException {
        if (tag == PCM && bits >= 1 && bits <= Long.SIZE) {
            return SampleFormat.pcm(Math.max((bits + 7) / 8, Math.min(bytes, Long.BYTES)));
        }
        if (tag == FLOAT && (bits == Float.SIZE || bits == Double.SIZE)) {
            return bits == Float.SIZE ? SampleFormat.FLOAT32 : SampleFormat.FLOAT64;
        }
        String name = OTHERS.containsKey(tag) ? OTHERS.get(tag) + ", " : "";
        throw file.error("has WAV format " + tag + " (" + name + bits + " bits), expected " + PCM
                + " (PCM, 1 to 64 bits) or " + FLOAT + " (float, 32 or 64 bits)");
    }
}

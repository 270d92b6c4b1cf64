// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What the header of a RIFF/WAVE file says: integer PCM of up to 32 bits or IEEE float, plain or WAVE_FORMAT_EXTENSIBLE.
 * After Microsoft's "Multiple Channel Audio Data and WAVE Files". The parser is our own because
 * {@code javax.sound.sampled} believes what a header says, and knows neither streamed files nor all of these formats.
 *
 * @param frames the number of samples of each channel, which the file is long enough to hold
 */
record WavHeader(SampleFormat sample, int channels, int sampleRate, long frames) {
    private static final int FORMAT_PCM = 1;
    private static final int FORMAT_FLOAT = 3;
    private static final int FORMAT_EXTENSIBLE = 0xfffe;

    /** Writers that cannot seek back to fill in a size leave one from here up to 2^32 − 1 behind. */
    private static final long FIRST_PLACEHOLDER = 0x7fff_f000L;

    int frameBytes() {
        return sample.bytes * channels;
    }

    /** Reads up to the first sample. */
    static WavHeader read(FileBytes file) throws IOException {
        String riff = "the RIFF header";
        file.skip(4, riff);
        long riffSize = uint(file.require(4, riff));
        file.skip(4, riff);
        long before = 4;
        WavHeader format = null;
        while (file.remaining() > 0) {
            String tag = file.tag("a chunk's header");
            long size = uint(file.require(4, "the header of chunk '" + tag + "'"));
            before += 8;
            if (tag.equals("data")) {
                if (format == null) {
                    throw file.error("its 'data' chunk comes before any 'fmt ' chunk");
                }
                boolean placeholder = size >= FIRST_PLACEHOLDER && size > file.remaining();
                boolean unfinished = size == 0 && (riffSize <= before || riffSize >= FIRST_PLACEHOLDER);
                return placeholder || unfinished ? format.untilTheEnd(file) : format.within(file, size);
            }
            long padded = size + (size & 1);
            before += padded;
            long end = file.remaining() - padded;
            if (tag.equals("fmt ")) {
                format = format(file, size);
            }
            file.skip(file.remaining() - end, "chunk '" + tag + "'");
        }
        throw file.error("has no '" + (format == null ? "fmt " : "data") + "' chunk");
    }

    /** A recording that was cut off may end within a frame: what is left of that one is dropped. */
    private WavHeader untilTheEnd(FileBytes file) {
        return new WavHeader(sample, channels, sampleRate, file.remaining() / frameBytes());
    }

    private WavHeader within(FileBytes file, long size) throws IOException {
        if (size > file.remaining()) {
            throw file.error("is truncated: its 'data' chunk has " + file.remaining() + " of " + size + " bytes");
        }
        if (size % frameBytes() != 0) {
            throw file.error("its 'data' chunk of " + size + " bytes is not a whole number of frames of " + frameBytes()
                    + " bytes");
        }
        return new WavHeader(sample, channels, sampleRate, size / frameBytes());
    }

    private static WavHeader format(FileBytes file, long size) throws IOException {
        if (size < 16) {
            throw file.error("its 'fmt ' chunk has " + size + " bytes, expected at least 16");
        }
        ByteBuffer chunk = file.require((int) Math.min(size, 40), "chunk 'fmt '");
        int tag = ushort(chunk);
        int channels = ushort(chunk);
        long rate = uint(chunk);
        uint(chunk);
        int frameBytes = ushort(chunk);
        int bits = ushort(chunk);
        if (tag == FORMAT_EXTENSIBLE) {
            if (size < 40) {
                throw file.error("its extensible 'fmt ' chunk has " + size + " bytes, expected at least 40");
            }
            chunk.position(chunk.position() + 8);
            tag = ushort(chunk);
            chunk.position(chunk.position() + 14);
        }
        AudioFile.checkRate(file, rate);
        if (channels == 0) {
            throw file.error("has 0 channels, expected at least 1");
        }
        SampleFormat sample = sample(file, tag, bits);
        if (frameBytes != sample.bytes * channels) {
            throw file.error("has frames of " + frameBytes + " bytes, expected " + sample.bytes * channels + " for "
                    + channels + " channels of " + bits + " bits");
        }
        return new WavHeader(sample, channels, (int) rate, 0);
    }

    private static SampleFormat sample(FileBytes file, int tag, int bits) throws IOException {
        if (tag == FORMAT_PCM && bits >= 1 && bits <= 32) {
            return bits <= 8 ? SampleFormat.PCM8 : bits <= 16 ? SampleFormat.PCM16
                    : bits <= 24 ? SampleFormat.PCM24 : SampleFormat.PCM32;
        }
        if (tag == FORMAT_FLOAT && (bits == 32 || bits == 64)) {
            return bits == 32 ? SampleFormat.FLOAT32 : SampleFormat.FLOAT64;
        }
        throw file.error("has WAV format " + tag + " with " + bits + " bits, expected " + FORMAT_PCM
                + " (PCM) with 1 to 32 or " + FORMAT_FLOAT + " (float) with 32 or 64");
    }

    private static int ushort(ByteBuffer buffer) {
        return Short.toUnsignedInt(buffer.getShort());
    }

    private static long uint(ByteBuffer buffer) {
        return Integer.toUnsignedLong(buffer.getInt());
    }
}

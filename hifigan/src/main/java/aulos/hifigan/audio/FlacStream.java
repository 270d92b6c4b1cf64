// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A FLAC file (RFC 9639), channels averaged. Every frame's checksum is verified, and the file has to hold as many samples
 * as it announces. The decoder is our own because the one for Java, jflac, plays damaged frames as silence, prints on
 * standard output, and takes a truncated file for a whole one.
 */
final class FlacStream implements AudioStream {
    private static final int STREAMINFO_BYTES = 34;

    private final FileBytes file;
    private final FlacFrames frames;
    private final int sampleRate;
    private final double scale;
    private final long length;
    private long position;
    private int used;

    /** Takes over {@code file}, which stands at its first byte. */
    FlacStream(FileBytes file) throws IOException {
        this.file = file;
        file.skip(4, "the FLAC marker");
        boolean last = false;
        long facts = 0;
        for (int block = 0; !last; block++) {
            String what = "metadata block " + block;
            ByteBuffer header = file.require(4, what);
            int type = Byte.toUnsignedInt(header.get());
            int size = Byte.toUnsignedInt(header.get()) << 16 | Byte.toUnsignedInt(header.get()) << 8
                    | Byte.toUnsignedInt(header.get());
            last = type >= 0x80;
            if (block > 0) {
                file.skip(size, what);
            } else if ((type & 0x7f) == 0 && size == STREAMINFO_BYTES) {
                ByteBuffer info = file.require(size, what);
                info.position(info.position() + 10);
                facts = Long.reverseBytes(info.getLong());
                info.position(info.position() + 16);
            } else {
                throw file.error("its first metadata block has type " + (type & 0x7f) + " and " + size
                        + " bytes, expected type 0 (STREAMINFO) and " + STREAMINFO_BYTES);
            }
        }
        this.sampleRate = (int) (facts >>> 44);
        AudioFile.checkRate(file, sampleRate);
        int channels = (int) (facts >>> 41 & 7) + 1;
        int bits = (int) (facts >>> 36 & 31) + 1;
        if (bits < 4) {
            throw file.error("has samples of " + bits + " bits, expected 4 to 32");
        }
        long total = facts & 0xf_ffff_ffffL;
        this.length = total == 0 ? -1 : total;
        this.scale = 1 / (channels * (double) (1L << (bits - 1)));
        this.frames = new FlacFrames(file, new FlacBits(file), sampleRate, channels, bits);
    }

    @Override
    public int sampleRate() {
        return sampleRate;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        if (used == frames.size() && !nextFrame()) {
            return -1;
        }
        int read = Math.min(count, frames.size() - used);
        for (int i = 0; i < read; i++) {
            long sum = 0;
            for (long[] channel : frames.channels()) {
                sum += channel[used + i];
            }
            buffer[offset + i] = (float) (sum * scale);
        }
        used += read;
        return read;
    }

    /** Whether there was one. What follows the last announced sample, such as an ID3 tag, is not looked at. */
    private boolean nextFrame() throws IOException {
        if (position == length) {
            return false;
        }
        if (!frames.next()) {
            if (length >= 0) {
                throw file.error("is truncated: it has " + position + " of " + length + " samples");
            }
            return false;
        }
        used = 0;
        position += frames.size();
        if (length >= 0 && position > length) {
            throw file.error("has more than the " + length + " samples that it announces");
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What comes before the first sample of a WAV file: RIFF/WAVE, RIFX, which is the same in big-endian, or RF64 and BW64,
 * which have room for more than 4 GiB. After Microsoft's "Multiple Channel Audio Data and WAVE Files", EBU Tech 3306 and
 * ITU-R BS.2088. The parser is our own because {@code javax.sound.sampled} believes what a header says, and knows neither
 * streamed files nor all of these formats.
 *
 * @param frames the number of samples of each channel, which the file is long enough to hold
 * @param note what is wrong with the file and was put up with, for people; or null
 */
record WavHeader(WavFormat format, long frames, String note) {
    /** Writers that cannot seek back to fill in a size leave one from here up to 2^32 − 1 behind. */
    private static final long FIRST_PLACEHOLDER = 0x7fff_f000L;

    /** The size that stands for another, in RF64's own chunk. */
    private static final long ELSEWHERE = 0xffff_ffffL;

    /** The start of RF64's chunk of sizes: of the file, of the data. */
    private static final int SIZES_BYTES = 16;

    /** Far more than there are kinds of them. */
    private static final int MAX_CHUNKS = 10_000;

    private static final String RIFF = "the RIFF header";

    /** Whether a file that begins with these 12 characters may be one. */
    static boolean begins(String start) {
        return start.matches("(RIFF|RIFX|RF64|BW64)(?s:....)WAVE");
    }

    /** Reads up to the first sample. */
    static WavHeader read(FileBytes file) throws IOException {
        boolean big = file.tag(RIFF).equals("RIFX");
        file.order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long riffSize = uint(file, RIFF);
        file.skip(4, RIFF);
        long before = 4;
        long dataSize = -1;
        WavFormat format = null;
        for (int chunks = 0; file.remaining() > 0; chunks++) {
            if (chunks == MAX_CHUNKS) {
                throw file.error("has " + MAX_CHUNKS + " chunks without samples, expected a 'data' chunk among them");
            }
            String tag = file.tag("a chunk's header");
            long size = uint(file, "the header of chunk '" + tag + "'");
            before += 8;
            if (tag.equals("data")) {
                if (format == null) {
                    throw file.error("its 'data' chunk comes before any 'fmt ' chunk");
                }
                if (size == ELSEWHERE && dataSize >= 0) {
                    return within(file, format, dataSize);
                }
                boolean placeholder = size >= FIRST_PLACEHOLDER && size > file.remaining();
                boolean unfinished = size == 0 && (riffSize <= before || riffSize >= FIRST_PLACEHOLDER);
                // A recording that was cut off may end within a frame: what is left of that one is dropped.
                return placeholder || unfinished
                        ? new WavHeader(format, file.remaining() / format.frameBytes(), null)
                        : within(file, format, size);
            }
            long padded = size + (size & 1);
            before += padded;
            long end = file.remaining() - padded;
            if (tag.equals("fmt ")) {
                format = WavFormat.read(file, size);
            } else if (tag.equals("ds64")) {
                ByteBuffer sizes = file.require(SIZES_BYTES, "chunk 'ds64'");
                dataSize = sizes.getLong(sizes.position() + Long.BYTES);
            }
            file.skip(file.remaining() - end, "chunk '" + tag + "'");
        }
        throw file.error("has no '" + (format == null ? "fmt " : "data") + "' chunk");
    }

    /** Of a chunk that is longer than the file, or ends within a frame, what is there is taken. */
    private static WavHeader within(FileBytes file, WavFormat format, long size) {
        long there = Math.min(size, file.remaining());
        int frameBytes = format.frameBytes();
        String note = there < size ? "is cut short: its 'data' chunk has " + there + " of " + size + " bytes"
                : size % frameBytes != 0 ? "its 'data' chunk of " + size + " bytes is not a whole number of frames of "
                        + frameBytes + " bytes"
                : null;
        return new WavHeader(format, there / frameBytes,
                note == null ? null : note + "; what is whole is read, " + there / frameBytes + " samples");
    }

    private static long uint(FileBytes file, String what) throws IOException {
        return Integer.toUnsignedLong(file.require(4, what).getInt());
    }
}

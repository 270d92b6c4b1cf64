// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A FLAC file's STREAMINFO block (RFC 9639, section 8.2).
 *
 * @param sampleRate in Hz
 * @param bits of a sample
 * @param length samples of each channel, or −1 if the file does not tell
 * @param digest MD5 of all samples, 16 bytes; all zero if the encoder stored none
 * @param block the 34 bytes themselves
 */
@SuppressWarnings("ArrayRecordComponent")
record FlacInfo(int sampleRate, int channels, int bits, long length, byte[] digest, byte[] block) {
    static final int BYTES = 34;
    private static final int MAX_BITS = 24;

    /** Reads up to the first frame; what other metadata a file has is passed over unread. */
    static FlacInfo read(FileBytes file) throws IOException {
        file.skip(4, "the FLAC marker");
        FlacInfo info = null;
        boolean last = false;
        for (int block = 0; !last; block++) {
            String what = "metadata block " + block;
            ByteBuffer header = file.require(4, what);
            int type = Byte.toUnsignedInt(header.get());
            int size = Byte.toUnsignedInt(header.get()) << 16 | Byte.toUnsignedInt(header.get()) << 8
                    | Byte.toUnsignedInt(header.get());
            last = type >= 0x80;
            if (block > 0) {
                file.skip(size, what);
            } else if ((type & 0x7f) == 0 && size == BYTES) {
                info = parse(file, what);
            } else {
                throw file.error("its first metadata block has type " + (type & 0x7f) + " and " + size
                        + " bytes, expected type 0 (STREAMINFO) and " + BYTES);
            }
        }
        return info;
    }

    private static FlacInfo parse(FileBytes file, String what) throws IOException {
        byte[] block = new byte[BYTES];
        file.require(BYTES, what).get(block);
        long facts = ByteBuffer.wrap(block).getLong(10);
        int sampleRate = (int) (facts >>> 44);
        AudioFile.checkRate(file, sampleRate);
        int channels = (int) (facts >>> 41 & 7) + 1;
        int bits = (int) (facts >>> 36 & 31) + 1;
        if (bits < 4 || bits > MAX_BITS) {
            throw file.error("has samples of " + bits + " bits, expected 4 to " + MAX_BITS);
        }
        long total = facts & 0xf_ffff_ffffL;
        byte[] digest = new byte[16];
        System.arraycopy(block, BYTES - digest.length, digest, 0, digest.length);
        return new FlacInfo(sampleRate, channels, bits, total == 0 ? -1 : total, digest, block);
    }
}

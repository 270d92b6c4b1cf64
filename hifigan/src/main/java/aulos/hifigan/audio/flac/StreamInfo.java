// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;
import java.util.Arrays;

/**
 * What a FLAC stream's STREAMINFO block says (RFC 9639, section 8.2). The sizes of blocks and frames that it announces as
 * well are not kept, as nothing here relies on them.
 *
 * @param sampleRate in Hz
 * @param channels 1 to 8
 * @param bits of a sample, 4 to 32
 * @param length samples of each channel, or −1 if the stream does not tell
 * @param digest MD5 of all samples, 16 bytes; all zero if the encoder stored none
 */
@SuppressWarnings("ArrayRecordComponent")
public record StreamInfo(int sampleRate, int channels, int bits, long length, byte[] digest) {
    static final int TYPE = 0;
    static final int BYTES = 34;
    private static final int MIN_BITS = 4;

    /** Reads the block's contents. */
    static StreamInfo read(BitInput in) throws IOException {
        in.skip(2 * 16 + 2 * 24);
        int sampleRate = in.unsigned(20);
        int channels = in.unsigned(3) + 1;
        int bits = in.unsigned(5) + 1;
        long length = in.signed(36) & 0xf_ffff_ffffL;
        byte[] digest = new byte[16];
        for (int i = 0; i < digest.length; i++) {
            digest[i] = (byte) in.unsigned(8);
        }
        if (bits < MIN_BITS) {
            throw new FlacException("has samples of " + bits + " bits, expected " + MIN_BITS + " to 32");
        }
        return new StreamInfo(sampleRate, channels, bits, length == 0 ? -1 : length, digest);
    }

    boolean hasDigest() {
        return !Arrays.equals(digest, new byte[digest.length]);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Writes FLAC streams as a test wants them, compressed or not, right or wrong. */
public final class Encoder {
    private final int rate;
    private final int channels;
    private final int bits;
    private final Bits frames = new Bits();
    private final MessageDigest digest;
    private long length;
    private int number;
    private boolean hasDigest = true;

    public Encoder(int rate, int channels, int bits) {
        this.rate = rate;
        this.channels = channels;
        this.bits = bits;
        try {
            this.digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Leaves the number of samples and their digest out. */
    Encoder streamed() {
        length = Long.MIN_VALUE;
        hasDigest = false;
        return this;
    }

    Encoder withoutDigest() {
        hasDigest = false;
        return this;
    }

    /** Channels stored as they are. */
    public Encoder frame(Coding coding, int[]... samples) {
        return frame(coding, 0, Stereo.INDEPENDENT, samples);
    }

    /** @param wasted how many of the lowest bits are zeros, and left out */
    Encoder frame(Coding coding, int wasted, Stereo stereo, int[]... samples) {
        int count = samples[0].length;
        Bits body = new Bits();
        for (int c = 0; c < channels; c++) {
            coding.write(body, stored(stereo, c, samples), bits + (stereo.isSide(c) ? 1 : 0), wasted);
        }
        int width = (bits + 7) / 8;
        ByteBuffer sample = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            for (int[] channel : samples) {
                digest.update(sample.putInt(0, channel[i]).array(), 0, width);
            }
        }
        return frame(header(count, stereo), body, count);
    }

    private static long[] stored(Stereo stereo, int channel, int[][] samples) {
        long[] stored = new long[samples[0].length];
        for (int i = 0; i < stored.length; i++) {
            stored[i] = stereo.isSide(channel) ? (long) samples[0][i] - samples[1][i]
                    : stereo == Stereo.MID_SIDE ? (long) samples[0][i] + samples[1][i] >> 1 : samples[channel][i];
        }
        return stored;
    }

    /** A header that leaves rate and sample size to STREAMINFO, without its checksum. */
    Bits header(int count, Stereo stereo) {
        int channelCode = stereo == Stereo.INDEPENDENT ? channels - 1 : 7 + stereo.ordinal();
        return new Bits().put(0xfff8, 16).put(7, 4).put(0, 4).put(channelCode, 4).put(0, 4).put(number++ & 0x7f, 8)
                .put(count - 1, 16);
    }

    /** A frame of any contents, with the right checksums. */
    Encoder frame(Bits header, Bits body, int count) {
        Bits frame = new Bits().raw(header.checksum(8, 0x07).bytes()).raw(body.bytes());
        frames.raw(frame.checksum(16, 0x8005).bytes());
        length += count;
        return this;
    }

    Encoder raw(byte... bytes) {
        frames.raw(bytes);
        return this;
    }

    /** The stream, with other metadata blocks after STREAMINFO. */
    public byte[] bytes(byte[]... blocks) {
        Bits out = new Bits().put(0x664c6143, 32).put(blocks.length == 0 ? 1 : 0, 1).put(0, 7).put(34, 24);
        out.put(16, 16).put(65535, 16).put(0, 48).put(rate, 20).put(channels - 1, 3).put(bits - 1, 5);
        out.put(Math.max(length, 0), 36).raw(hasDigest ? digest.digest() : new byte[16]);
        for (int b = 0; b < blocks.length; b++) {
            out.put(b == blocks.length - 1 ? 1 : 0, 1).put(4, 7).put(blocks[b].length, 24).raw(blocks[b]);
        }
        return out.raw(frames.bytes()).bytes();
    }
}

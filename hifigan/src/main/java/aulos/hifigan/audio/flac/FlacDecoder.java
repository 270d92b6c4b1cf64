// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Decodes a FLAC stream frame by frame (RFC 9639): samples of 4 to 32 bits, 1 to 8 channels, blocks of any size, in memory
 * that does not depend on the stream's length. What can be verified is: the checksums of each frame, the number of samples
 * that the stream announces, and the MD5 of all of them. The first fault is the end; there is no searching on.
 */
public final class FlacDecoder {
    private static final int MARKER = 0x664c6143;
    private static final int RESERVED_BLOCK = 127;

    private final BitInput in;
    private final StreamInfo info;
    private final Channel[] channels;
    private final SampleDigest digest;
    private long frames;
    private long position;
    private long firstNumber;
    private int size;
    private boolean verified;

    /**
     * Reads up to the first frame.
     *
     * @param in stands at the marker {@code fLaC}, and is read in large blocks
     * @throws FlacException if there is no such marker or what follows is no FLAC stream's metadata
     * @throws IOException if {@code in} cannot be read
     */
    public FlacDecoder(InputStream in) throws IOException {
        this.in = new BitInput(in);
        this.info = metadata();
        this.channels = new Channel[info.channels()];
        Arrays.setAll(channels, c -> new Channel());
        this.digest = info.hasDigest() ? new SampleDigest(info.bits()) : null;
    }

    /** What comes after STREAMINFO is passed over unread. */
    private StreamInfo metadata() throws IOException {
        StreamInfo found = null;
        int block = 0;
        try {
            if (in.signed(32) != MARKER) {
                throw new FlacException("is no FLAC stream");
            }
            for (boolean last = false; !last; block++) {
                last = in.unsigned(1) == 1;
                int type = in.unsigned(7);
                int bytes = in.unsigned(24);
                if (block > 0 && type != RESERVED_BLOCK) {
                    in.skip(8L * bytes);
                } else if (block == 0 && type == StreamInfo.TYPE && bytes == StreamInfo.BYTES) {
                    found = StreamInfo.read(in);
                } else {
                    throw new FlacException("its metadata block " + block + " has type " + type + " and " + bytes
                            + " bytes, expected type 0 (STREAMINFO) and 34 in the first one, and less than 127 later");
                }
            }
            return found;
        } catch (StreamEnd e) {
            throw new FlacException("file ends inside metadata block " + block);
        }
    }

    /** What the stream says of itself. */
    public StreamInfo info() {
        return info;
    }

    /** The number of samples of the current frame in each channel; 0 before the first one. */
    public int size() {
        return size;
    }

    /** The current frame's samples in one channel, the first {@link #size} of the array. They change with {@link #next}. */
    public int[] channel(int index) {
        return channels[index].samples();
    }

    /**
     * Decodes the next frame. What follows the last sample that was announced, such as an ID3 tag, is not looked at.
     *
     * @return whether there was one
     * @throws FlacException if the stream is damaged, ends too early, or changes its form on the way
     * @throws IOException if it cannot be read
     */
    public boolean next() throws IOException {
        if (verified) {
            return false;
        }
        if (in.atEnd()) {
            if (info.length() >= 0) {
                throw new FlacException("is truncated: it has " + position + " of " + info.length() + " samples");
            }
            verify();
            return false;
        }
        try {
            frame();
        } catch (StreamEnd e) {
            throw new FlacException("file ends inside frame " + frames);
        } catch (Damage e) {
            throw new FlacException("frame " + frames + " is damaged: " + e.getMessage());
        }
        frames++;
        position += size;
        if (info.length() >= 0 && position > info.length()) {
            throw new FlacException("has more than the " + info.length() + " samples that it announces");
        }
        if (digest != null) {
            digest.update(channels, size);
        }
        // With the last frame, not after it: who has read as many samples as announced may not ask for more.
        if (position == info.length()) {
            verify();
        }
        return true;
    }

    private void frame() throws IOException {
        in.startSum();
        FrameHeader header = FrameHeader.read(in, info);
        check(header);
        size = header.size();
        for (int c = 0; c < channels.length; c++) {
            Subframe.read(in, header.bits() + (header.stereo().isSide(c) ? 1 : 0), channels[c], size);
        }
        if (!in.align()) {
            throw new Damage("it has ones where it is filled up");
        }
        int sum = in.sum();
        if (in.unsigned(16) != sum) {
            throw new Damage("it does not have the checksum that it claims");
        }
        if (header.stereo() != Stereo.INDEPENDENT) {
            header.stereo().restore(channels[0], channels[1], size);
            channels[0].prepare(size, info.bits());
            channels[1].prepare(size, info.bits());
            channels[0].check(size, info.bits());
            channels[1].check(size, info.bits());
        }
    }

    private void check(FrameHeader header) throws IOException {
        if (header.channels() != info.channels() || header.bits() != info.bits()
                || header.sampleRate() != info.sampleRate()) {
            throw new FlacException("frame " + frames + " has " + header.channels() + " channels, " + header.bits()
                    + " bits, " + header.sampleRate() + " Hz, but the stream " + info.channels() + ", " + info.bits() + ", "
                    + info.sampleRate());
        }
        // Elsewhere a lost frame is noticed at the end, and encoders that number in other ways are none the worse.
        if (frames == 0) {
            firstNumber = header.number();
        } else if (digest == null && info.length() < 0 && header.number() != firstNumber + frames
                && header.number() != firstNumber + position) {
            throw new Damage("it has number " + header.number() + ", expected " + (firstNumber + frames) + " or "
                    + (firstNumber + position));
        }
    }

    private void verify() throws FlacException {
        verified = true;
        if (digest == null) {
            return;
        }
        byte[] actual = digest.value();
        if (!Arrays.equals(info.digest(), actual)) {
            HexFormat hex = HexFormat.of();
            throw new FlacException("is damaged: its samples have the MD5 " + hex.formatHex(actual) + ", expected "
                    + hex.formatHex(info.digest()));
        }
    }
}

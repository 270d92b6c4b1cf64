// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A FLAC file (RFC 9639) of up to 24 bits, channels averaged. Every frame's checksum is verified, the file has to hold as
 * many samples as it announces, and these have to have the MD5 that the encoder stored, if it did.
 */
final class FlacStream implements AudioStream {
    private final FileBytes file;
    private final FlacInfo info;
    private final FlacFrames frames;
    private final MessageDigest digest = md5();
    private final double scale;
    private byte[] bytes = {};
    private long position;
    private int used;
    private boolean verified;

    /** Takes over {@code file}, which stands at its first byte. */
    FlacStream(FileBytes file) throws IOException {
        this.file = file;
        this.info = FlacInfo.read(file);
        this.frames = new FlacFrames(file, info);
        this.scale = 1 / (info.channels() * (double) (1L << (info.bits() - 1)));
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }

    @Override
    public int sampleRate() {
        return info.sampleRate();
    }

    @Override
    public long length() {
        return info.length();
    }

    @Override
    public String format() {
        return "FLAC, " + (info.channels() == 1 ? "1 channel" : info.channels() + " channels") + ", " + info.bits()
                + " bits";
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        if (used == frames.size() && !nextFrame()) {
            return -1;
        }
        int read = Math.min(count, frames.size() - used);
        for (int i = 0; i < read; i++) {
            long sum = 0;
            for (int channel = 0; channel < info.channels(); channel++) {
                sum += frames.channel(channel)[used + i];
            }
            buffer[offset + i] = (float) (sum * scale);
        }
        used += read;
        return read;
    }

    /** Whether there was one. What follows the last announced sample, such as an ID3 tag, is not looked at. */
    private boolean nextFrame() throws IOException {
        if (verified) {
            return false;
        }
        if (!frames.next()) {
            if (info.length() >= 0) {
                throw file.error("is truncated: it has " + position + " of " + info.length() + " samples");
            }
            verify();
            return false;
        }
        used = 0;
        position += frames.size();
        if (info.length() >= 0 && position > info.length()) {
            throw file.error("has more than the " + info.length() + " samples that it announces");
        }
        digestFrame();
        // With the last frame, not after it: who has read as many samples as announced may not ask for more.
        if (position == info.length()) {
            verify();
        }
        return true;
    }

    /** The digest is of the interleaved samples, little-endian, in as many bytes as they need. */
    private void digestFrame() throws IOException {
        int width = (info.bits() + 7) / 8;
        int length = frames.size() * info.channels() * width;
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        int unused = Integer.SIZE - info.bits();
        for (int channel = 0; channel < info.channels(); channel++) {
            int[] samples = frames.channel(channel);
            for (int i = 0; i < frames.size(); i++) {
                int sample = samples[i];
                if (sample << unused >> unused != sample) {
                    throw file.error("is damaged: a sample is " + sample + ", which exceeds " + info.bits() + " bits");
                }
                int at = (i * info.channels() + channel) * width;
                for (int b = 0; b < width; b++) {
                    bytes[at + b] = (byte) (sample >> (8 * b));
                }
            }
        }
        digest.update(bytes, 0, length);
    }

    private void verify() throws IOException {
        verified = true;
        byte[] actual = digest.digest();
        byte[] expected = info.digest();
        if (!Arrays.equals(expected, new byte[expected.length]) && !Arrays.equals(expected, actual)) {
            HexFormat hex = HexFormat.of();
            throw file.error("is damaged: its samples have the MD5 " + hex.formatHex(actual) + ", expected "
                    + hex.formatHex(expected));
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sends a mono WAV file through a stream while its samples are made, which takes knowing beforehand how many there will
 * be. {@link WavWriter} is for files.
 */
public final class WavOutput {
    private static final int BLOCK = 1 << 13;

    private final OutputStream out;
    private final Encoding encoding;
    private final long samples;
    private final ByteBuffer buffer;
    private long written;

    /**
     * Nothing is sent before the first {@link #write}.
     *
     * @param sampleRate in Hz
     * @param samples how many will follow
     * @throws IllegalArgumentException if these are more than a WAV file's header can tell: 4 GiB
     */
    public WavOutput(OutputStream out, int sampleRate, Encoding encoding, long samples) {
        requireRoom(encoding, samples);
        this.out = out;
        this.encoding = encoding;
        this.samples = samples;
        this.buffer = ByteBuffer.allocate(BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(encoding.wavHeader(sampleRate, samples));
    }

    /** @throws IllegalArgumentException if so many samples are more than a WAV file's header can tell: 4 GiB */
    public static void requireRoom(Encoding encoding, long samples) {
        if (samples < 0 || bytes(encoding, samples) > 0xffff_ffffL) {
            throw new IllegalArgumentException("WAV file of " + samples + " samples, expected 0 to 4 GiB");
        }
    }

    /** The length of the whole file. */
    public static long bytes(Encoding encoding, long samples) {
        long data = samples * encoding.bytes();
        return encoding.wavHeader(1, 0).remaining() + data + (data & 1);
    }

    /**
     * Sends samples, full scale ±1, at once.
     *
     * @throws IllegalArgumentException if these are more than were announced
     * @throws IOException if the stream cannot take them
     */
    public void write(float[] values) throws IOException {
        if (values.length > samples - written) {
            throw new IllegalArgumentException("WAV file: " + values.length + " samples after " + written
                    + ", expected " + samples + " in all");
        }
        for (float value : values) {
            if (buffer.remaining() < Float.BYTES) {
                send();
            }
            encoding.put(buffer, value);
        }
        written += values.length;
        if (written == samples && (samples * encoding.bytes() & 1) != 0) {
            buffer.put((byte) 0);
        }
        send();
        out.flush();
    }

    private void send() throws IOException {
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
    }
}

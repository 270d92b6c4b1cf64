// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark.store;

import aulos.hifigan.audio.AudioStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;

/** Samples as plain little-endian float32, without a header: what a FLAC file becomes so that ranges of it can be read. */
public final class RawSamples implements AudioStream {
    private static final int BLOCK = 1 << 14;

    private final String name;
    private final SeekableByteChannel channel;
    private final int rate;

    /** @param name for messages */
    public RawSamples(String name, SeekableByteChannel channel, int rate) {
        this.name = name;
        this.channel = channel;
        this.rate = rate;
    }

    /** Writes all of a stream. */
    public static void write(AudioStream source, OutputStream out) throws IOException {
        float[] block = new float[BLOCK];
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int read = source.read(block, 0, BLOCK); read > 0; read = source.read(block, 0, BLOCK)) {
            bytes.clear().asFloatBuffer().put(block, 0, read);
            out.write(bytes.array(), 0, read * Float.BYTES);
        }
    }

    @Override
    public int sampleRate() {
        return rate;
    }

    @Override
    public long length() {
        try {
            return channel.size() / Float.BYTES;
        } catch (IOException unknown) {
            return -1;
        }
    }

    @Override
    public String format() {
        return "float32";
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = Math.min(count, (channel.size() - channel.position()) / Float.BYTES);
        channel.position(channel.position() + skipped * Float.BYTES);
        return skipped;
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.min(count, BLOCK) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            continue;
        }
        if (bytes.position() % Float.BYTES != 0) {
            throw new EOFException(name + ": ends within a sample");
        }
        bytes.flip();
        int read = bytes.remaining() / Float.BYTES;
        bytes.asFloatBuffer().get(buffer, offset, read);
        return read == 0 ? -1 : read;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a mono WAV file. The samples go to a temporary file beside the target, which takes the target's name at
 * {@link #commit}; closed without it, or ended by a signal, it leaves nothing behind. A target that is a link stays one.
 */
public final class WavWriter implements Closeable {
    private static final int CAPACITY = 1 << 16;
    private static final long MAX_FILE_BYTES = 0xffff_ffffL;

    private final Path target;
    private final Path file;
    private final Path temporary;
    private final int sampleRate;
    private final Encoding encoding;
    private final long maxBytes;
    private final FileChannel channel;
    private final int headerBytes;
    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
    private long flushed;
    private long written;
    private boolean committed;

    private WavWriter(Path target, int sampleRate, Encoding encoding, long maxBytes) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(target.toString(), null, "its folder does not exist");
        }
        // Renaming would put a plain file in the place of a folder or of a device such as /dev/null.
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException(target + ": exists and is not a regular file");
        }
        this.target = target;
        this.file = Files.exists(target) ? target.toRealPath() : target;
        this.sampleRate = sampleRate;
        this.encoding = encoding;
        this.maxBytes = maxBytes;
        String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
        this.temporary = file.resolveSibling(".aulos-" + unique + ".tmp");
        this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        temporary.toFile().deleteOnExit();
        buffer.put(header());
        this.headerBytes = buffer.position();
    }

    /**
     * Starts a file at {@code target}; an existing one is replaced at {@link #commit}.
     *
     * @param sampleRate in Hz
     * @throws IOException if the folder does not exist or cannot be written to
     */
    public static WavWriter create(Path target, int sampleRate, Encoding encoding) throws IOException {
        return create(target, sampleRate, encoding, MAX_FILE_BYTES);
    }

    static WavWriter create(Path target, int sampleRate, Encoding encoding, long maxBytes) throws IOException {
        return new WavWriter(target, sampleRate, encoding, maxBytes);
    }

    /**
     * Appends samples, full scale ±1: integers round to the nearest and clip at ±(2^(bits−1) − 1).
     *
     * @throws IOException if a sample is not finite, or the file would exceed what a WAV file's header can tell: 4 GiB
     */
    public void write(float[] samples, int offset, int count) throws IOException {
        if (headerBytes + (written + count) * encoding.bytes() + 1 > maxBytes) {
            throw new IOException(target + ": " + (written + count) + " samples of " + encoding.bytes()
                    + " bytes exceed a WAV file's limit of " + maxBytes + " bytes");
        }
        for (int i = offset; i < offset + count; i++) {
            if (!Float.isFinite(samples[i])) {
                throw new IOException(target + ": sample " + written + " is " + samples[i]
                        + ", expected a finite value");
            }
            if (buffer.remaining() < Integer.BYTES) {
                flush();
            }
            encoding.put(buffer, samples[i]);
            written++;
        }
    }

    /** Completes the file and gives it its name. */
    public void commit() throws IOException {
        if ((written * encoding.bytes() & 1) != 0) {
            buffer.put((byte) 0);
        }
        flush();
        transfer(header(), 0);
        channel.close();
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        committed = true;
    }

    @Override
    public void close() throws IOException {
        if (!committed) {
            channel.close();
            Files.deleteIfExists(temporary);
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        transfer(buffer, flushed);
        flushed += buffer.limit();
        buffer.clear();
    }

    private void transfer(ByteBuffer bytes, long position) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, position + bytes.position());
            }
        } catch (IOException e) {
            // The system's own message, of a full disk for instance, does not say which file.
            throw new IOException(target + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** The header of a file with as many samples as are written so far. */
    private ByteBuffer header() {
        return encoding.wavHeader(sampleRate, written);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** A file read from front to back, which knows how much of it is left and names itself in every error. */
final class FileBytes implements Closeable {
    private static final int CAPACITY = 1 << 16;

    private final String name;
    private final InputStream in;
    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long unbuffered;

    /** @param size how many bytes {@code in} has */
    FileBytes(String name, InputStream in, long size) {
        this.name = name;
        this.in = in;
        this.unbuffered = size;
    }

    /** @throws IOException if it is no regular file or cannot be read */
    static FileBytes open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + ": is not a regular file");
        }
        return new FileBytes(path.toString(), Files.newInputStream(path), Files.size(path));
    }

    /** How many bytes are left. */
    long remaining() {
        return buffer.remaining() + unbuffered;
    }

    IOException error(String message) {
        return new IOException(name + ": " + message);
    }

    /** Numbers are read in this order from here on; little-endian otherwise. */
    void order(ByteOrder order) {
        buffer.order(order);
    }

    /** The next bytes without passing over them; fewer than {@code count} where the file ends. */
    byte[] peek(int count) throws IOException {
        fill(count);
        return Arrays.copyOfRange(buffer.array(), buffer.position(),
                buffer.position() + Math.min(count, buffer.remaining()));
    }

    /**
     * A buffer with {@code count} ≤ 65536 bytes or more left, to be read from its position on.
     *
     * @throws EOFException if the file has fewer bytes left, naming {@code what} should have been there
     */
    ByteBuffer require(int count, String what) throws IOException {
        fill(count);
        if (buffer.remaining() < count) {
            throw new EOFException(name + ": file ends inside " + what + ": " + buffer.remaining() + " bytes left, "
                    + count + " expected");
        }
        return buffer;
    }

    /** Four ASCII characters; anything else shows as '?'. */
    String tag(String what) throws IOException {
        byte[] tag = new byte[4];
        require(4, what).get(tag);
        return new String(tag, StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?");
    }

    void skip(long count, String what) throws IOException {
        if (count > remaining()) {
            throw new EOFException(name + ": file ends inside " + what + ": " + remaining() + " bytes left, " + count
                    + " expected");
        }
        int buffered = (int) Math.min(count, buffer.remaining());
        buffer.position(buffer.position() + buffered);
        in.skipNBytes(count - buffered);
        unbuffered -= count - buffered;
    }

    /** The bytes that are left, as a stream. */
    InputStream stream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                fill(1);
                int read = Math.min(count, buffer.remaining());
                buffer.get(target, offset, read);
                return read == 0 ? -1 : read;
            }
        };
    }

    private void fill(int count) throws IOException {
        if (buffer.remaining() >= count) {
            return;
        }
        buffer.compact();
        while (buffer.position() < count && unbuffered > 0) {
            int wanted = (int) Math.min(buffer.remaining(), unbuffered);
            int read = in.read(buffer.array(), buffer.position(), wanted);
            if (read < 0) {
                throw new EOFException(name + ": file became shorter while it was read");
            }
            buffer.position(buffer.position() + read);
            unbuffered -= read;
        }
        buffer.flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

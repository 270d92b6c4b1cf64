// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file being read. {@link #read} puts the file's name before the message of every {@link IOException}, so that the
 * readers themselves need only say what is wrong.
 */
public final class InputFile {
    private static final int QUOTED_LENGTH = 80;
    private static final int REASON_LENGTH = 500;

    private final Path path;
    private final SeekableByteChannel channel;
    private final long size;

    private InputFile(Path path, SeekableByteChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /** What turns a file into a value. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(InputFile file) throws IOException;
    }

    /** Opens a file, reads it and closes it. */
    public static <T> T read(Path path, Reader<T> reader) throws IOException {
        try {
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                throw new IOException(Files.isDirectory(path) ? "is a folder, expected a file" : "not a regular file");
            }
            try (FileChannel channel = FileChannel.open(path)) {
                return reader.read(new InputFile(path, channel, channel.size()));
            }
        } catch (IOException e) {
            throw new IOException(path + ": " + reason(e), e);
        }
    }

    /** As {@link #read(Path, Reader)}, of a channel, which stays open; there is no {@link #path}. */
    public static <T> T read(String name, SeekableByteChannel channel, Reader<T> reader) throws IOException {
        try {
            return reader.read(new InputFile(null, channel, channel.size()));
        } catch (IOException e) {
            throw new IOException(name + ": " + reason(e), e);
        }
    }

    /** What was opened; null for a channel. */
    public Path path() {
        return path;
    }

    /** Length in bytes. */
    public long size() {
        return size;
    }

    /** The bytes from {@code offset} on, unbuffered; it moves the position of every earlier stream. */
    public InputStream streamAt(long offset) throws IOException {
        channel.position(offset);
        return Channels.newInputStream(channel);
    }

    /** The first bytes, at most {@code length}; fewer if the file is shorter. */
    public byte[] head(int length) throws IOException {
        return streamAt(0).readNBytes(length);
    }

    /** What went wrong, without the file's name, which is all that some exceptions of java.nio say. */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException fse when fse.getReason() != null -> oneLine(fse.getReason(), REASON_LENGTH);
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : oneLine(e.getMessage(), REASON_LENGTH);
        };
    }

    /** A text from a file, fit for a message: in quotes, shortened, without control characters. */
    public static String quote(String text) {
        return "'" + oneLine(text, QUOTED_LENGTH) + "'";
    }

    /** A text from a file, shortened and without control characters. */
    public static String oneLine(String text, int length) {
        String shown = text.length() <= length ? text : text.substring(0, length) + "…";
        return shown.replaceAll("[\\p{Cc}\\p{Cs}\\u2028\\u2029]+", " ");
    }
}

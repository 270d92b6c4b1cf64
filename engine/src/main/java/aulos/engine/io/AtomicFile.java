// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Files that are there whole or not at all: written under a temporary name beside the target, then renamed. */
public final class AtomicFile {

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private AtomicFile() {
    }

    /**
     * Replaces or creates {@code target}. The stream is buffered; closing it is not the content's business.
     *
     * @throws IOException if the target cannot be written, naming it, or if the content throws one; then the target is
     *     as it was, and nothing else is left behind
     */
    public static void write(Path target, Content content) throws IOException {
        write(target, content, false);
    }

    /**
     * {@link #write} for what hours of training depend on: the data is on the disk before it takes the target's name.
     */
    public static void writeDurably(Path target, Content content) throws IOException {
        write(target, content, true);
    }

    private static void write(Path target, Content content, boolean durable) throws IOException {
        Path file = destination(target);
        Path folder = file.toAbsolutePath().getParent();
        Path temporary = folder.resolve(".aulos-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        try {
            try (FileChannel channel = create(temporary, target);
                    OutputStream out = new BufferedOutputStream(
                            new NamedStream(Channels.newOutputStream(channel), target), 1 << 16)) {
                content.writeTo(out);
                out.flush();
                if (durable) {
                    channel.force(true);
                }
            }
            try {
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw cannotWrite(target, e);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
        if (durable) {
            syncFolder(folder);
        }
    }

    /** Follows a link, so that the file it points to is replaced, not the link; refuses devices and folders. */
    private static Path destination(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new IOException(target + ": cannot be written: it is a folder");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException(target + ": cannot be written: not a regular file");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new IOException(target + ": cannot be written: there is no folder " + folder);
        }
        return Files.exists(target) && Files.isSymbolicLink(target) ? target.toRealPath() : target;
    }

    private static FileChannel create(Path temporary, Path target) throws IOException {
        try {
            return FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
    }

    /** Makes the rename itself durable, where the system lets a folder be opened (Linux does, Windows does not). */
    private static void syncFolder(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }

    private static IOException cannotWrite(Path target, IOException cause) {
        return new IOException(target + ": cannot be written: " + InputFile.reason(cause), cause);
    }

    /** Gives a full disk a name: the system's own message does not say which file it was. */
    private static final class NamedStream extends OutputStream {
        private final OutputStream out;
        private final Path target;

        NamedStream(OutputStream out, Path target) {
            this.out = out;
            this.target = target;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw cannotWrite(target, e);
            }
        }
    }
}

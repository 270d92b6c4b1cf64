// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A request's body in a temporary file, which closing deletes: what is received takes no room in memory. */
final class Upload implements AutoCloseable {
    private static final int BLOCK = 1 << 14;

    private final Path file;
    private final long size;
    private final Runnable onClose;
    private boolean closed;

    /** @param onClose deletes the file */
    Upload(Path file, long size, Runnable onClose) {
        this.file = file;
        this.size = size;
        this.onClose = onClose;
    }

    Path file() {
        return file;
    }

    long size() {
        return size;
    }

    /**
     * To be called when the file could not be understood.
     *
     * @throws ServerFault if it is not the client's fault: the file is not there as it was received
     */
    void requireWhole() throws ServerFault {
        try (InputStream in = Files.newInputStream(file)) {
            long found = 0;
            byte[] block = new byte[BLOCK];
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                found += read;
            }
            if (found != size) {
                throw new IOException(file + ": has " + found + " bytes, expected the " + size + " that were received");
            }
        } catch (IOException e) {
            throw new ServerFault("the server has lost the upload", e);
        }
    }

    /** Once is enough. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }
}

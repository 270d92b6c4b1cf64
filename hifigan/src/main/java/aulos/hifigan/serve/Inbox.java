// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/** The temporary folder of what is being received. One that somebody has removed is replaced by another. */
final class Inbox implements AutoCloseable {
    private final BiConsumer<String, Throwable> log;
    private Path folder;

    Inbox(BiConsumer<String, Throwable> log) throws IOException {
        this.log = log;
        this.folder = Files.createTempDirectory("aulos-serve-");
    }

    synchronized Path folder() {
        return folder;
    }

    /** @throws ServerFault if there is nowhere to make it */
    synchronized Path newFile() throws ServerFault {
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Path gone = folder;
                folder = Files.createTempDirectory("aulos-serve-");
                log.accept("the folder for uploads, " + gone + ", has gone: " + folder + " takes its place", null);
            }
            return Files.createTempFile(folder, "upload-", ".tmp");
        } catch (IOException e) {
            throw new ServerFault("the server cannot store uploads now", e);
        }
    }

    void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.accept("an upload could not be deleted", e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            log.accept("the folder for uploads could not be deleted", e);
        }
    }
}

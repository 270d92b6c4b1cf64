// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A request's body in a temporary file, which closing deletes: what is received takes no room in memory. */
final class Upload implements AutoCloseable {
    private static final int BLOCK = 1 << 14;

    private final Path file;
    private final long size;

    private Upload(Path file, long size) {
        this.file = file;
        this.size = size;
    }

    /**
     * Receives a body.
     *
     * @param folder for the file
     * @throws Refusal if there is none, or it has more than {@code maxBytes}, as announced or as received
     * @throws IOException if the connection is cut; then no file is left behind
     */
    static Upload receive(HttpExchange exchange, Path folder, long maxBytes) throws IOException, Refusal {
        String announced = exchange.getRequestHeaders().getFirst("Content-Length");
        if (announced != null && Long.parseLong(announced) > maxBytes) {
            throw tooLarge(maxBytes);
        }
        Path file = Files.createTempFile(folder, "upload-", ".tmp");
        try {
            long size = copy(exchange.getRequestBody(), file, maxBytes);
            if (size == 0) {
                throw new Refusal(Refusal.BAD_REQUEST, "the body is empty, expected a WAV, FLAC or .npy file");
            }
            return new Upload(file, size);
        } catch (IOException | RuntimeException | Refusal e) {
            Files.delete(file);
            throw e;
        }
    }

    private static long copy(InputStream body, Path file, long maxBytes) throws IOException, Refusal {
        long size = 0;
        byte[] block = new byte[BLOCK];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int read = body.read(block); read >= 0; read = body.read(block)) {
                size += read;
                if (size > maxBytes) {
                    throw tooLarge(maxBytes);
                }
                out.write(block, 0, read);
            }
        }
        return size;
    }

    private static Refusal tooLarge(long maxBytes) {
        return new Refusal(Refusal.TOO_LARGE, "the body has more than " + maxBytes + " bytes, the most that is taken");
    }

    Path file() {
        return file;
    }

    long size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}

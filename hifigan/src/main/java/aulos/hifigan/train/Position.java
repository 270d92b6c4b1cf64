// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.io.AtomicFile;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where in the data a run stands, which the official files do not hold.
 *
 * @param epoch from 0
 * @param batch the next one in that epoch, from 0
 * @param data a number that is the same for the same order of the same clips in the same batches
 */
record Position(long epoch, int batch, long data) {
    private static final int MAX_BYTES = 1 << 16;

    void write(Path file) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("epoch", epoch);
        json.addProperty("batch", batch);
        json.addProperty("data", data);
        AtomicFile.writeDurably(file, out -> out.write((json + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** @throws IOException if the file cannot be read or holds something else; names it */
    static Position read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
        }
        try {
            JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
            Position position = new Position(
                    json.get("epoch").getAsLong(), json.get("batch").getAsInt(), json.get("data").getAsLong());
            if (position.epoch < 0 || position.batch < 0) {
                throw new IOException(file + ": epoch " + position.epoch + ", batch " + position.batch
                        + ", expected none below 0");
            }
            return position;
        } catch (JsonParseException | IllegalStateException | NullPointerException | NumberFormatException
                | UnsupportedOperationException e) {
            throw new IOException(file + ": does not hold the numbers epoch, batch and data", e);
        }
    }
}

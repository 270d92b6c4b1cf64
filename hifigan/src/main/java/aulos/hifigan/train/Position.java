// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.io.AtomicFile;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Where in the data a run stands, which the official files do not hold.
 *
 * @param epoch from 0
 * @param clips of that epoch that were used
 * @param order {@link EpochPlan#order}
 */
record Position(long epoch, int clips, long order) {
    private static final int MAX_BYTES = 1 << 16;

    void write(Path file) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("epoch", epoch);
        json.addProperty("clips", clips);
        json.addProperty("order", order);
        AtomicFile.writeDurably(file, out -> out.write((json + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A place that this version wrote, or version 0.1, which counted batches.
     *
     * @throws IOException if the file cannot be read or holds something else; names it
     */
    static Position read(Path file, EpochPlan plan) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
        }
        try {
            JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
            long epoch = json.get("epoch").getAsLong();
            if (json.has("batch")) {
                long clips = json.get("batch").getAsInt() * (long) plan.batchSize();
                boolean same = json.get("data").getAsLong() == plan.orderOfBatches();
                return new Position(epoch, (int) Math.clamp(clips, -1, Integer.MAX_VALUE),
                        same ? plan.order() : ~plan.order());
            }
            return new Position(epoch, json.get("clips").getAsInt(), json.get("order").getAsLong());
        } catch (JsonParseException | IllegalStateException | NullPointerException | NumberFormatException
                | UnsupportedOperationException e) {
            throw new IOException(file + ": does not hold the numbers epoch, clips and order", e);
        }
    }

    /**
     * Where a run goes on whose last step was in {@code lastEpoch}: where that step ended, or at the next place at which
     * a step begins if steps take other numbers of clips now. Without a file, or if the order of the clips is another
     * now, the epoch begins anew.
     *
     * @throws IOException if the file is damaged, or holds no place at which that step can have ended; names it
     */
    static Position resumed(Path file, long lastEpoch, EpochPlan plan, Consumer<String> say) throws IOException {
        if (!Files.exists(file)) {
            say.accept("no " + file.getFileName() + ", as with checkpoints of the official code: epoch " + lastEpoch
                    + " begins anew");
            return plan.start(lastEpoch);
        }
        Position saved = read(file, plan);
        if (saved.epoch != lastEpoch && (saved.epoch != lastEpoch + 1 || saved.clips != 0)) {
            throw new IOException(file + ": is at epoch " + saved.epoch + ", clip " + saved.clips
                    + ", expected epoch " + lastEpoch + ", which the do_ file says, or the beginning of the next");
        }
        if (saved.order != plan.order()) {
            say.accept("seed or training list have changed: epoch " + saved.epoch + " begins anew");
            return plan.start(saved.epoch);
        }
        if (saved.clips < 0 || saved.clips >= plan.clips()) {
            throw new IOException(file + ": is at clip " + saved.clips + ", expected 0 to " + (plan.clips() - 1)
                    + " as an epoch has " + plan.clips() + " clips");
        }
        Position next = plan.at(saved.epoch, saved.clips);
        if (!next.equals(saved)) {
            say.accept("batches or steps have another size now: after " + saved.clips + " clips of epoch "
                    + saved.epoch + " it goes on at clip " + next.clips + " of epoch " + next.epoch);
        }
        return next;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.io.AtomicFile;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What comparisons of speed say beside their tables: the file of {@code --json}, and whether to trust the figures. */
final class Report {
    /** Spread above which figures need a warning; on an idle machine it is 1 to 3 %. */
    private static final double BUSY = 0.1;

    /** Processes that wait for a core, for each core, before we take any; on an idle machine it is less than 0.1. */
    private static final double LOADED = 0.25;

    private Report() {}

    /** @throws IOException if {@code json}, which may be null, could not be written after minutes of measuring */
    static void requireWritable(Path json) throws IOException {
        if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
            throw new IOException("--json " + json + ": cannot be written: its folder does not exist");
        }
    }

    /** Writes {@code report} unless {@code json} is null. */
    static void write(Path json, JsonObject report) throws IOException {
        if (json != null) {
            String text = new GsonBuilder().setPrettyPrinting().create().toJson(report) + "\n";
            AtomicFile.write(json, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** What every comparison reports of a contender. */
    static JsonObject result(Model model, Contest.Entry entry) {
        JsonObject result = new JsonObject();
        result.addProperty("model", model.name());
        result.addProperty("contender", entry.contender());
        result.addProperty("median_seconds", entry.median());
        result.addProperty("best_seconds", Contest.quantile(entry.seconds(), 0));
        result.addProperty("spread", entry.spread());
        result.addProperty("speedup", entry.speedup());
        result.addProperty("max_difference", entry.maxDifference());
        JsonArray all = new JsonArray();
        for (double seconds : entry.seconds()) {
            all.add(seconds);
        }
        result.add("all_seconds", all);
        return result;
    }

    /**
     * Steady work of others makes every round slow alike, so no spread tells of it: to be called before measuring.
     *
     * @return what {@code --json} reports: the load average of the last minute, negative where there is none
     */
    static double warnIfLoaded(PrintWriter err) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        if (load > LOADED * Runtime.getRuntime().availableProcessors()) {
            err.printf(Locale.ROOT, "aulos: the load average is %.1f before anything is timed: the figures need an idle "
                    + "machine, or --threads 1 where a core is free%n", load);
        }
        return load;
    }

    /** @param spread the greatest of all contenders' */
    static void warnIfBusy(PrintWriter err, double spread) {
        if (spread > BUSY) {
            err.printf(Locale.ROOT, "aulos: the rounds differ by up to %.0f %%: the machine does other work, and "
                    + "threads that wait for each other suffer most from it%n", 100 * spread);
        }
    }
}

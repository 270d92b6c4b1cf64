// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A section of {@code bench gpu} in a process of its own: a device that a kernel has brought to a halt is lost for the process
 * that did it, and one that does not answer would keep the others waiting.
 */
final class SectionProcess {
    /** After the time in which a section is to begin nothing more, for what it has begun. */
    static final int GRACE_SECONDS = 20;

    private final PrintWriter out;
    private final JsonObject report;

    /** @param report takes what the sections report */
    SectionProcess(PrintWriter out, JsonObject report) {
        this.out = out;
        this.report = report;
    }

    /**
     * Runs a command to its end, or for so long, and takes over the report that it has written till then.
     *
     * @return what went wrong, or null
     */
    String run(List<String> command, Path written, long seconds) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread copier = Thread.ofVirtual().start(() -> process.inputReader().lines().forEach(line -> {
            out.println(line);
            out.flush();
        }));
        boolean ended;
        try {
            ended = process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended = false;
        }
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly(); // closes what it has said: not before one that ended by itself is heard
        }
        int code = process.onExit().join().exitValue();
        joined(copier);
        if (Files.exists(written)) {
            take(JsonParser.parseString(Files.readString(written)).getAsJsonObject());
        }
        return !ended ? "was stopped after " + seconds + " s" : code == 0 ? null : "ended with code " + code + ", see above";
    }

    private static void joined(Thread copier) {
        try {
            copier.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lists of results are continued. */
    private void take(JsonObject part) {
        for (Map.Entry<String, JsonElement> entry : part.entrySet()) {
            if (report.get(entry.getKey()) instanceof JsonArray before && entry.getValue() instanceof JsonArray more) {
                before.addAll(more);
            } else {
                report.add(entry.getKey(), entry.getValue());
            }
        }
    }
}

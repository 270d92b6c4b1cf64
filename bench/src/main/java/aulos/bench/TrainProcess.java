// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A contender that makes training steps in a process of its own, one for each line on its standard input. It answers in
 * JSON, a line each: first {@code {"contender": …}} or {@code {"unavailable": …}}, then
 * {@code {"seconds": …, "losses": {…}}} for each step, with {@code "buffer_bytes"} if it can tell.
 */
final class TrainProcess implements AutoCloseable {
    private static final int SHOWN = 300;

    /**
     * @param losses each loss by its name
     * @param bufferBytes memory for tensors
     */
    record Step(double seconds, Map<String, Double> losses, OptionalLong bufferBytes) {}

    /** The program is not there, or lacks what it needs. */
    static final class Unavailable extends IOException {
        private static final long serialVersionUID = 1;

        Unavailable(String message) {
            super(message);
        }
    }

    private final String program;
    private final Process process;
    private final Path errors;
    private final BufferedReader out;
    private final Writer in;
    private final String contender;

    /**
     * Returns when the contender is ready.
     *
     * @param errors takes what it says on standard error
     * @throws Unavailable if it says that it is not available, or if there is no such program
     */
    TrainProcess(List<String> command, Path errors) throws IOException {
        this.program = command.getFirst();
        this.errors = errors;
        try {
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        } catch (IOException e) {
            throw new Unavailable(e.getMessage().strip());
        }
        out = process.inputReader(StandardCharsets.UTF_8);
        in = process.outputWriter(StandardCharsets.UTF_8);
        try {
            JsonObject ready = answer();
            if (ready.has("unavailable")) {
                throw new Unavailable(program + ": " + ready.get("unavailable").getAsString());
            }
            contender = ready.get("contender").getAsString();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Its name and version. */
    String contender() {
        return contender;
    }

    /** @throws IOException if the process has ended; says what it last wrote on standard error */
    Step step() throws IOException {
        return answer("step");
    }

    /**
     * The generator alone, on the same mel; the "losses" are then what tells its audio from another.
     *
     * @throws IOException as {@link #step}
     */
    Step synthesise() throws IOException {
        return answer("synthesise");
    }

    private Step answer(String request) throws IOException {
        try {
            in.write(request + "\n");
            in.flush();
        } catch (IOException e) {
            throw ended();
        }
        JsonObject answer = answer();
        Map<String, Double> losses = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> loss : answer.getAsJsonObject("losses").entrySet()) {
            losses.put(loss.getKey(), loss.getValue().getAsDouble());
        }
        JsonElement bytes = answer.get("buffer_bytes");
        return new Step(answer.get("seconds").getAsDouble(), losses,
                bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.getAsLong()));
    }

    private JsonObject answer() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw ended();
        }
        try {
            return JsonParser.parseString(line).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new IOException(program + ": said '" + shortened(line) + "', expected a JSON object", e);
        }
    }

    /** Of a stack trace, Java's or Python's, the last line that is not indented tells most. */
    private IOException ended() throws IOException {
        List<String> said = Files.readString(errors, StandardCharsets.ISO_8859_1).lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0))).toList();
        return new IOException(program + ": ended without an answer"
                + (said.isEmpty() ? "" : ": " + shortened(said.getLast().strip())));
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    /** The most memory that it has had at once, in bytes, as Linux tells; empty elsewhere. */
    OptionalLong peakBytes() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        // The next contender is to have the machine for itself.
        process.onExit().join();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that does one thing and ends.
 *
 * @param environment what is added to ours
 * @param wav what it writes
 * @param log takes what it says
 */
record WholeProcess(List<String> command, Map<String, String> environment, Path wav, Path log) {
    /** Looking more often takes a core away from the program that is timed, a percent or two of it. */
    private static final int POLL_MILLIS = 25;

    /** @param peakBytes the most memory that was seen, some milliseconds before its end; 0 where the system does not tell */
    record Run(double seconds, long peakBytes) {}

    /**
     * Runs it to its end.
     *
     * @throws IOException if it cannot be started, fails or writes nothing; says what it last said
     */
    Run run() throws IOException {
        Files.deleteIfExists(wav);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        long start = System.nanoTime();
        Process process = builder.start();
        long peak = 0;
        try {
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                peak = Math.max(peak, peakBytes(process.pid()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.getFirst() + ": interrupted", e);
        } finally {
            process.destroyForcibly();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (process.exitValue() != 0 || !Files.exists(wav)) {
            String said = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
            throw new IOException(command.getFirst() + ": ended with exit code " + process.exitValue()
                    + " and without a WAV file" + (said.isEmpty() ? "" : ": " + said.lines().toList().getLast()));
        }
        return new Run(seconds, peak);
    }

    private static long peakBytes(long pid) throws IOException {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst().orElse(0);
        } catch (NoSuchFileException endedOrElsewhere) {
            return 0;
        } catch (IOException e) {
            // Linux says "no such process" to who reads the file of one that has just ended.
            return 0;
        }
    }
}

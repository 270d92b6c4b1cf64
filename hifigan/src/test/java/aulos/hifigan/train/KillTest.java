// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program, as a process that is killed. */
class KillTest {
    private static final Path ENV = Path.of("/usr/bin/env");

    @TempDir
    private Path folder;

    /** A shell that runs tests in the background has its children ignore SIGINT; {@code env} undoes that. */
    private static Process start(TinyRun run, Path out, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(ENV.toString(), "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), "aulos.hifigan.cli.Aulos"));
        command.addAll(run.arguments(out));
        command.addAll(List.of("--stdout-interval", "1", "--summary-interval", "3", "--validation-interval", "2"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Reads what the process says up to a line with {@code text}, which is returned. */
    private static String await(BufferedReader said, String text) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.contains(text)) {
                return line;
            }
            all.append(line).append('\n');
        }
        throw new AssertionError("ended without '" + text + "' after:\n" + all);
    }

    private static void assumeSignals() throws IOException, InterruptedException {
        boolean can = Files.isExecutable(ENV)
                && new ProcessBuilder(ENV.toString(), "--default-signal=INT", "true").start().waitFor() == 0;
        if (!can) {
            System.err.println("SKIPPED: " + ENV + " cannot restore signals, so no process can be interrupted");
        }
        Assumptions.assumeTrue(can, "no env --default-signal");
    }

    @Test
    void everyCheckpointIsReadableAfterFiveKills() throws Exception {
        assumeSignals();
        TinyRun run = new TinyRun(folder, 4);
        Path out = folder.resolve("out");
        SplittableRandom random = new SplittableRandom();
        for (int kill = 0; kill < 5; kill++) {
            long newest = newest(out);
            Process process = start(run, out, "--checkpoint-interval", "1");
            try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
                if (newest >= 0) {
                    await(said, "going on after step " + newest + ",");
                }
                // Step 0 has no checkpoint of its own, as in the official code.
                await(said, "step " + Math.max(1, newest + 1) + ",");
                Thread.sleep(random.nextInt(700));
                process.destroyForcibly();
                assertThat(process.waitFor()).isEqualTo(137);
            }
            assertThat(newest(out)).isGreaterThanOrEqualTo(newest);
        }
        long steps = newest(out) + 2;
        assertThat(run.train(options(run, out, steps)).getFirst()).startsWith("going on after step ");
        Path whole = folder.resolve("whole");
        run.train(options(run, whole, steps));
        RunResult.of(out).assertSame(RunResult.of(whole));
    }

    /** As those that are killed. */
    private static TrainingOptions options(TinyRun run, Path out, long steps) {
        TrainingOptions plain = run.options(out, steps);
        return new TrainingOptions(plain.data(), out, null, steps, 1000, new TrainingOptions.Intervals(1, 1, 3, 2), 100,
                8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 2);
    }

    /** Reads all pairs. */
    private static long newest(Path out) throws IOException {
        long newest = -1;
        if (Files.exists(out)) {
            try (DirectoryStream<Path> generators = Files.newDirectoryStream(out, "g_*")) {
                for (Path generator : generators) {
                    String number = generator.getFileName().toString().substring(2);
                    Checkpoint checkpoint = Checkpoint.read(generator, out.resolve("do_" + number));
                    assertThat(checkpoint.steps()).isEqualTo(Long.parseLong(number));
                    Position.read(out.resolve("position_" + number + ".json"), new EpochPlan(7, 2, 1, 0, 0));
                    newest = Math.max(newest, checkpoint.steps());
                }
            }
        }
        return newest;
    }

    @Test
    void interruptedItFinishesTheStepAndSaves() throws Exception {
        assumeSignals();
        TinyRun run = new TinyRun(folder, 4);
        Path out = folder.resolve("out");
        Process process = start(run, out);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            await(said, "step 1,");
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor()).isZero();
            await(said, "interrupted: finishing the step, then saving");
            await(said, "saved " + out.resolve("g_"));
            assertThat(said.readAllAsString()).doesNotContain("Exception");
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(newest(out)).isGreaterThanOrEqualTo(1);
    }
}

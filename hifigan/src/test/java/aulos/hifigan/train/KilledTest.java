// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that ended at any place between two checkpoints goes on to the same weights, losses, pictures and events. */
class KilledTest {
    private static final int STEPS = 5;

    @TempDir
    private Path folder;

    private TinyRun run;
    private RunResult whole;

    /** Checkpoints of steps 2 and 4, validations of 0, 2 and 4. */
    private TrainingOptions options(Path out) {
        TrainingOptions plain = run.options(out, STEPS);
        return new TrainingOptions(plain.data(), out, null, STEPS, 1000, new TrainingOptions.Intervals(1, 2, 1, 2), 1, 8,
                0, 1, Double.POSITIVE_INFINITY, 0, 0.9, 2);
    }

    @BeforeEach
    void runToTheEnd() throws IOException {
        run = new TinyRun(folder, 7);
        run.train(options(folder.resolve("whole")));
        whole = RunResult.of(folder.resolve("whole"));
        assertThat(whole.files().get("losses.csv")).asString().contains("\n2,NaN,NaN,NaN,", "\n4,NaN,NaN,NaN,");
    }

    private void assertGoesOnAsTheWhole(Path out) throws IOException {
        run.train(options(out));
        RunResult.of(out).assertSame(whole);
    }

    /** What is on the disk whenever the run says or asks something is what is there after a SIGKILL at that moment. */
    @Test
    void whereverItSaysSomething() throws IOException {
        Map<String, Path> states = new LinkedHashMap<>();
        Path out = folder.resolve("out");
        TinyRun.Lines lines = new TinyRun.Lines() {
            private int copies;

            @Override
            public void say(String line) {
                keep();
            }

            @Override
            public void stepped(double seconds) {
                keep();
            }

            private void keep() {
                Path copy = folder.resolve("killed" + copies++);
                copy(out, copy);
                states.putIfAbsent(state(copy), copy);
            }
        };
        try (Backend backend = new CpuBackend(2)) {
            new Trainer(run.config(), options(out), List.of(backend), lines).train();
        }
        assertThat(states).hasSizeBetween(6, 20);
        for (Path state : states.values()) {
            assertGoesOnAsTheWhole(state);
        }
    }

    /** The validation of the last step is made up: its events are there in part, or all of them, but the table lacks it. */
    @Test
    void betweenTheEventsAndTheTable() throws IOException {
        String table = Files.readString(folder.resolve("whole/losses.csv"));
        List<Integer> sizes = new ArrayList<>();
        for (int lost : List.of(0, 1, 70, 300, 2000)) {
            Path out = folder.resolve("lost" + lost);
            copy(folder.resolve("whole"), out);
            Files.writeString(out.resolve("losses.csv"), table.substring(0, table.indexOf("\n4,NaN") + 1));
            try (Stream<Path> logs = Files.list(out.resolve("logs"));
                    FileChannel events = FileChannel.open(logs.toList().getFirst(), StandardOpenOption.WRITE)) {
                events.truncate(events.size() - lost);
            }
            sizes.add(RunResult.of(out).events().size());
            assertThat(sizes.getLast()).as("the step's own events are there")
                    .isGreaterThanOrEqualTo(whole.events().size() - 4);
            assertGoesOnAsTheWhole(out);
        }
        assertThat(sizes).startsWith(whole.events().size(), whole.events().size() - 1).isSortedAccordingTo(reverseOrder());
    }

    /** Whatever cannot be written stops the run there; when it can be, the run goes on as if nothing had happened. */
    @Test
    void whereverSomethingCannotBeWritten() throws IOException {
        for (String name : List.of("position_00000002.json", "ema_00000002", "do_00000002", "g_00000002",
                "mel_error.png")) {
            Path out = folder.resolve("without_" + name);
            TinyRun.Lines lines = new TinyRun.Lines() {
                private int steps;

                @Override
                public void stepped(double seconds) {
                    if (steps++ == 1) {
                        block(out.resolve(name));
                    }
                }
            };
            try (Backend backend = new CpuBackend(2)) {
                assertThatThrownBy(() -> new Trainer(run.config(), options(out), List.of(backend), lines).train())
                        .isInstanceOf(IOException.class).hasMessageStartingWith(out.resolve(name) + ": cannot be written");
            }
            Files.delete(out.resolve(name));
            assertGoesOnAsTheWhole(out);
        }
    }

    private static void block(Path file) {
        try {
            Files.deleteIfExists(file);
            Files.createDirectory(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String state(Path copy) {
        try (Stream<Path> files = Files.walk(copy)) {
            List<String> names = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                names.add(file.getFileName() + " " + Files.size(file));
            }
            return names.stream().sorted().toList().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

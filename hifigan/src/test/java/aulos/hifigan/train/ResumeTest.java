// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.hifigan.io.PyTorchFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that is stopped and resumed is, to the last bit, the run that was not. */
class ResumeTest {
    private static final EpochPlan PLAN = new EpochPlan(7, 2, 1, 0, 0);

    @TempDir
    private Path folder;

    @Test
    void inTheMiddleOfAnEpoch() throws IOException {
        TinyRun run = new TinyRun(folder, 7);
        run.train(run.options(folder.resolve("whole"), 7));
        // Three steps in an epoch: 5 is in the middle of the second, 7 in the third.
        run.train(run.options(folder.resolve("parts"), 5));
        List<String> said = run.train(run.options(folder.resolve("parts"), 7));
        assertThat(said).contains("going on after step 4, in epoch 1");
        assertSame("g_00000006");
        assertSame("do_00000006");
        assertSame("position_00000006.json");
        assertSame("losses.csv");
    }

    @Test
    void withEverythingThatIsOffByDefault() throws IOException {
        TinyRun run = new TinyRun(folder, 9);
        run.train(everything(run, folder.resolve("whole"), 5));
        run.train(everything(run, folder.resolve("parts"), 2));
        run.train(everything(run, folder.resolve("parts"), 5));
        assertSame("g_00000004");
        assertSame("do_00000004");
        assertSame("ema_00000004");
        assertThat(folder.resolve("whole/g_00000004")).isRegularFile();
        assertThat(Files.readAllBytes(folder.resolve("whole/ema_00000004")))
                .isNotEqualTo(Files.readAllBytes(folder.resolve("whole/g_00000004")));
    }

    private static TrainingOptions everything(TinyRun run, Path out, long steps) {
        TrainingOptions plain = run.options(out, steps);
        return new TrainingOptions(plain.data(), out, null, steps, 1000, plain.intervals(), 100, 8, 2, 2, 0.5, 0, 0.9, 1);
    }

    private void assertSame(String file) throws IOException {
        assertThat(Files.mismatch(folder.resolve("whole").resolve(file), folder.resolve("parts").resolve(file)))
                .as(file).isEqualTo(-1);
    }

    @Test
    void filesOfDifferentStepsAreRefused() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        Path out = folder.resolve("out");
        run.train(run.options(out, 1));
        Files.move(out.resolve("do_00000000"), out.resolve("do_00000003"));
        assertThatThrownBy(() -> run.train(run.options(out, 5))).isInstanceOf(IOException.class)
                .hasMessage(out + ": g_00000000 and do_00000003 are of different steps, expected a pair of the same");
        Files.move(out.resolve("g_00000000"), out.resolve("g_00000003"));
        assertThatThrownBy(() -> run.train(run.options(out, 5))).isInstanceOf(IOException.class)
                .hasMessage(out.resolve("do_00000003") + ": holds step 0, expected 3 as its name and g_00000003 say");
    }

    private static void rename(Path out, long step, String suffix) throws IOException {
        for (String prefix : List.of("g", "do")) {
            Path file = out.resolve(RunFolder.name(prefix, step));
            Files.move(file, file.resolveSibling(file.getFileName() + suffix));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".pt", ".pth"})
    void pairsMayHaveAnExtension(String suffix) throws IOException {
        TinyRun run = new TinyRun(folder, 7);
        run.train(run.options(folder.resolve("whole"), 5));
        Path parts = folder.resolve("parts");
        run.train(run.options(parts, 3));
        rename(parts, 2, suffix);
        assertThat(run.train(run.options(parts, 5))).contains("going on after step 2, in epoch 1");
        assertSame("g_00000004");
        assertSame("do_00000004");

        TrainingOptions plain = run.options(folder.resolve("second"), 1);
        Path from = parts.resolve("g_00000002" + suffix);
        assertThat(run.train(new TrainingOptions(plain.data(), plain.out(), from, 1, 1000, plain.intervals(), 100, 8, 0,
                1, Double.POSITIVE_INFINITY, 0, 0, 1))).contains("starting from the weights of " + from
                + " and the discriminators of " + parts.resolve("do_00000002" + suffix));
        rename(parts, 4, suffix);
        try (RunFolder open = RunFolder.open(parts)) {
            assertThat(open.newest()).hasValue(4L);
        }
    }

    /** As PyTorch 2 calls the parts of weight norm and spectral norm, and data-parallel training everything. */
    @Test
    void parametrisedNamesAreTheSameWeights() throws IOException {
        TinyRun run = new TinyRun(folder, 7);
        run.train(run.options(folder.resolve("whole"), 5));
        Path parts = folder.resolve("parts");
        run.train(run.options(parts, 3));
        Path g = parts.resolve("g_00000002");
        Map<Object, Object> generator = tree(PyTorchFile.read(g));
        generator.replaceAll((key, state) -> parametrised((Map<?, ?>) state, ""));
        PyTorchFile.write(g, generator);
        Path rest = parts.resolve("do_00000002");
        Map<Object, Object> all = tree(PyTorchFile.read(rest));
        all.computeIfPresent("mpd", (key, state) -> parametrised((Map<?, ?>) state, "module."));
        all.computeIfPresent("msd", (key, state) -> parametrised((Map<?, ?>) state, ""));
        PyTorchFile.write(rest, all);
        assertThat(((Map<?, ?>) all.get("msd")).keySet()).asString().contains("parametrizations.weight.0._u");
        run.train(run.options(parts, 5));
        assertSame("g_00000004");
        assertSame("do_00000004");
    }

    private static Map<Object, Object> tree(Object read) {
        return new LinkedHashMap<>((Map<?, ?>) read);
    }

    private static Map<Object, Object> parametrised(Map<?, ?> state, String prefix) {
        Map<Object, Object> renamed = new LinkedHashMap<>();
        state.forEach((key, value) -> {
            String name = key.toString();
            int dot = name.lastIndexOf('.') + 1;
            boolean spectral = state.containsKey(name.substring(0, dot) + "weight_orig");
            String part = switch (name.substring(dot)) {
                case "weight_g" -> "parametrizations.weight.original0";
                case "weight_v" -> spectral ? "parametrizations.weight.0._v" : "parametrizations.weight.original1";
                case "weight_orig" -> "parametrizations.weight.original";
                case "weight_u" -> "parametrizations.weight.0._u";
                default -> name.substring(dot);
            };
            renamed.put(prefix + name.substring(0, dot) + part, value);
        });
        return renamed;
    }

    @Test
    void otherDataBeginTheEpochAnew() throws IOException {
        TinyRun run = new TinyRun(folder, 7);
        Path out = folder.resolve("out");
        run.train(run.options(out, 2));
        TinyRun.writeList(run.trainList(), List.of("clip3", "clip2"));
        assertThat(run.train(run.options(out, 3)))
                .contains("seed or training list have changed: epoch 0 begins anew");
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        Path out = folder.resolve("out");
        run.train(run.options(out, 1));
        Path position = out.resolve("position_00000000.json");
        byte[] whole = Files.readAllBytes(position);
        for (String damaged : List.of("", "{", "[]", "{\"epoch\":\"x\"}",
                "{\"epoch\":-1,\"clips\":0,\"order\":0}", "{\"epoch\":2,\"clips\":0,\"order\":0}",
                "{\"epoch\":1,\"clips\":2,\"order\":0}", "{\"epoch\":9223372036854775807,\"clips\":0,\"order\":0}")) {
            Files.writeString(position, damaged);
            assertThatThrownBy(() -> run.train(run.options(out, 2))).isInstanceOf(IOException.class)
                    .hasMessageStartingWith(position.toString());
        }
        Files.write(position, whole);
        Files.writeString(out.resolve("losses.csv"), "step\n1,2\n");
        assertThatThrownBy(() -> run.train(run.options(out, 2))).isInstanceOf(IOException.class)
                .hasMessage(out.resolve("losses.csv") + ": line 2 is damaged: 2 fields, expected 5");
        Path rest = out.resolve("do_00000000");
        byte[] bytes = Files.readAllBytes(rest);
        Files.write(rest, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> run.train(run.options(out, 2))).isInstanceOf(IOException.class)
                .hasMessageStartingWith(rest.toString());
    }

    @Test
    void onlyTheNewestAreKept() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        Path out = folder.resolve("out");
        TrainingOptions plain = run.options(out, 5);
        Files.createDirectories(out);
        Files.writeString(out.resolve(".aulos-1.tmp"), "left by a killed run");
        run.train(new TrainingOptions(plain.data(), out, null, 5, 1000,
                new TrainingOptions.Intervals(1, 1, 1, 1000), 2, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 1));
        try (var files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(".lock",
                    "config.json", "logs", "losses.csv", "losses.png", "mel_error.png", "g_00000003", "do_00000003",
                    "position_00000003.json", "g_00000004", "do_00000004", "position_00000004.json");
        }
        try (RunFolder _ = RunFolder.open(out)) {
            assertThatThrownBy(() -> run.train(plain)).isInstanceOf(IOException.class)
                    .hasMessage(out + ": another run is writing here");
        }
    }

    /** Runs of version 0.1 go on where they stood, which counted batches; the number beside them is as it computed it. */
    @Test
    void placesThatTheFirstVersionWrote() throws IOException {
        TinyRun run = new TinyRun(folder, 7);
        run.train(run.options(folder.resolve("whole"), 7));
        Path parts = folder.resolve("parts");
        run.train(run.options(parts, 5));
        long data = 31 * (31 * 7 + 2) + 3;
        for (int clip = 0; clip < 7; clip++) {
            data = 31 * data + ("clip" + clip).hashCode();
        }
        Path file = parts.resolve("position_00000004.json");
        assertThat(Position.read(file, PLAN).clips()).isEqualTo(4);
        Files.writeString(file, "{\"epoch\":1,\"batch\":2,\"data\":" + data + "}");
        assertThat(run.train(run.options(parts, 7))).contains("going on after step 4, in epoch 1");
        for (String name : List.of("g_00000006", "do_00000006", "position_00000006.json", "losses.csv")) {
            assertSame(name);
        }
        Files.writeString(parts.resolve("position_00000006.json"), "{\"epoch\":2,\"batch\":1,\"data\":1}");
        assertThat(run.train(run.options(parts, 8))).contains("seed or training list have changed: epoch 2 begins anew");
    }

    /** A place behind the end of the epoch, or before its beginning, is none. */
    @Test
    void positionsOutsideOfTheEpochAreRefused() throws IOException {
        TinyRun run = new TinyRun(folder, 7);
        Path out = folder.resolve("out");
        run.train(run.options(out, 1));
        Path file = out.resolve("position_00000000.json");
        Position whole = Position.read(file, PLAN);
        assertThat(whole).isEqualTo(new Position(0, 2, whole.order()));
        for (int clips : new int[] {-1, 7, 1000, Integer.MAX_VALUE}) {
            new Position(0, clips, whole.order()).write(file);
            assertThatThrownBy(() -> run.train(run.options(out, 2))).isInstanceOf(IOException.class)
                    .hasMessage(file + ": is at clip " + clips + ", expected 0 to 6 as an epoch has 7 clips");
        }
    }

    /** In mid-epoch it goes on behind the clips that were used, and stopped equals unstopped from there. */
    @Test
    void stepsOfAnotherSize() throws IOException {
        TinyRun run = new TinyRun(folder, 15);
        Path parts = folder.resolve("parts");
        run.train(run.options(parts, 3));
        goOn(run, folder.resolve("whole"), 2, 2, 9, "batches or steps have another size now: after 6 clips of epoch 0 "
                + "it goes on at clip 8 of epoch 0");
        goOn(run, parts, 2, 2, 5, "it goes on at clip 8 of epoch 0");
        goOn(run, parts, 2, 2, 9, "going on after step 4, in epoch 1");
        for (String file : List.of("g_00000008", "do_00000008", "position_00000008.json", "losses.csv")) {
            assertSame(file);
        }
        goOn(run, parts, 7, 1, 10, "after 8 clips of epoch 2 it goes on at clip 0 of epoch 3");
        goOn(run, parts, 4, 3, 11, "after 7 clips of epoch 3 it goes on at clip 0 of epoch 4");
    }

    private void goOn(TinyRun run, Path out, int batchSize, int accumulate, long steps, String says) throws IOException {
        if (!Files.exists(out)) {
            copy(folder.resolve("parts"), out);
        }
        Files.writeString(run.configFile(), Files.readString(run.configFile())
                .replaceFirst("\"batch_size\": \\d+", "\"batch_size\": " + batchSize));
        TrainingOptions plain = run.options(out, steps);
        assertThat(String.join("\n", run.train(new TrainingOptions(plain.data(), out, null, steps, 1000,
                plain.intervals(), 100, 8, 0, accumulate, Double.POSITIVE_INFINITY, 0, 0, 2)))).contains(says);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** Only pairs count, for deleting as for resuming, and the one just written stays. */
    @Test
    void whatIsNoPairCostsNoPair() throws IOException {
        Path out = folder.resolve("out");
        try (RunFolder files = RunFolder.open(out)) {
            for (String name : List.of("do_00000100", "ema_00000100", "position_00000100.json", "g_00000200",
                    "ema_00000200", "g_00000300", "do_00000300", "ema_00000300", "g_00000400", "do_00000400",
                    "position_00000400.json", "g_00000500", "do_00000900", "g_00001000")) {
                Files.createFile(out.resolve(name));
            }
            assertThat(files.newest()).contains(400L);
            files.prune(2, 400);
            assertThat(out.resolve("do_00000100")).exists();
            files.prune(1, 300);
            assertThat(files.newest()).contains(400L);
            assertThat(out.resolve("g_00000300")).exists();
            assertThat(out.resolve("ema_00000100")).as("left by a deletion that was cut short").doesNotExist();
            files.prune(1, 400);
            try (var left = Files.list(out)) {
                assertThat(left.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(".lock",
                        "g_00000200", "ema_00000200", "g_00000400", "do_00000400", "position_00000400.json",
                        "g_00000500", "do_00000900", "g_00001000");
            }
        }
        TinyRun run = new TinyRun(folder, 4);
        Path strays = Files.createDirectories(folder.resolve("strays"));
        TrainingOptions plain = run.options(strays, 1);
        run.train(plain);
        Files.createFile(strays.resolve("g_00009999"));
        run.train(new TrainingOptions(plain.data(), strays, null, 2, 1000, plain.intervals(), 1, 8, 0, 1,
                Double.POSITIVE_INFINITY, 0, 0, 2));
        try (RunFolder files = RunFolder.open(strays)) {
            assertThat(files.newest()).contains(1L);
        }
    }

    @Test
    void anotherRunStartsFromTheWeights() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        run.train(run.options(folder.resolve("first"), 2));
        TrainingOptions plain = run.options(folder.resolve("second"), 1);
        Path from = folder.resolve("first/g_00000001");
        TrainingOptions options = new TrainingOptions(plain.data(), plain.out(), from, 1, 1000, plain.intervals(),
                100, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 1);
        assertThat(run.train(options)).contains("starting from the weights of " + from + " and the discriminators of "
                + from.resolveSibling("do_00000001"));
        assertThat(Checkpoint.read(folder.resolve("second/g_00000000"), folder.resolve("second/do_00000000"))
                .generatorOptimiser().steps()).isEqualTo(1);
    }
}

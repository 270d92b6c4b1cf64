// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.hifigan.train.TinyRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mpirun aulos train}, as processes on this machine. */
class MpiTrainingTest {
    @TempDir
    private Path folder;

    private String mpirun;
    private TinyRun run;
    private Launched launched;

    @BeforeEach
    void write() throws IOException, InterruptedException {
        mpirun = Launched.openMpi();
        run = new TinyRun(folder, 12);
        launched = new Launched(folder);
    }

    private Launched.Ended train(String with, int count, String out, String... more)
            throws IOException, InterruptedException {
        Launched.Ended ended = Launched.run(Launched.mpirun(with, count, launched.aulos()),
                Launched.training(run, folder.resolve(out), more));
        assertThat(ended.exitCode()).as(String.join("\n", ended.lines())).isZero();
        return ended;
    }

    /** Without mpirun. */
    private void trainAlone(String out, String... more) throws IOException, InterruptedException {
        Launched.Ended ended = Launched.run(List.of(launched.aulos().toString()),
                Launched.training(run, folder.resolve(out), more));
        assertThat(ended.exitCode()).as(String.join("\n", ended.lines())).isZero();
    }

    private void sameBits(String one, String other, long step) throws IOException {
        for (String file : List.of("losses.csv", "g_%08d".formatted(step), "do_%08d".formatted(step))) {
            assertThat(Files.mismatch(folder.resolve(one).resolve(file), folder.resolve(other).resolve(file)))
                    .as(one + " and " + other + ": " + file).isEqualTo(-1);
        }
    }

    private List<double[]> losses(String out) throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve(out).resolve("losses.csv"))) {
            return lines.skip(1).map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray())
                    .toList();
        }
    }

    private void close(String one, String other, double share) throws IOException {
        List<double[]> actual = losses(one);
        List<double[]> expected = losses(other);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            for (int k = 0; k < expected.get(i).length; k++) {
                if (Double.isFinite(expected.get(i)[k])) {
                    assertThat(actual.get(i)[k]).as("line " + i).isCloseTo(expected.get(i)[k],
                            within(share * expected.get(i)[k]));
                }
            }
        }
    }

    /** Step n of the checkpoint that a run has left; there is but one. */
    private long saved(Path out) throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return Long.parseLong(files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("g_"))
                    .reduce((a, b) -> {
                        throw new AssertionError(a + " and " + b);
                    }).orElseThrow().substring(2));
        }
    }

    /** Ctrl-C saves once; the same command goes on; and the bits are those of a run that was never stopped. */
    @Test
    void twoRanksGoOnAfterCtrlCAsIfNothingHadBeen() throws Exception {
        Path out = folder.resolve("stopped");
        Process process = Launched.start(Launched.mpirun(mpirun, 2, launched.aulos()),
                Launched.training(run, out), "");
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            Launched.await(said, "step 1,");
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor()).isZero();
            List<String> last = said.lines().toList();
            process.waitFor();
            // mpirun may end before the ranks do, which then have nobody to tell.
            awaitFile(out.resolve("position_%08d.json".formatted(1)).getParent());
            assertThat(last).contains("aulos: interrupted: finishing the step, then saving")
                    .noneMatch(line -> line.contains("has died"));
        }
        long step = saved(out);
        String end = Long.toString(step + 3);
        assertThat(train(mpirun, 2, "stopped", "--max-steps", end).ours())
                .anyMatch(line -> line.startsWith("aulos: going on after step " + step + ","))
                .anyMatch(line -> line.startsWith("aulos: 2 ranks averaged "));
        train(Launched.mpichOrElse(mpirun), 2, "straight", "--max-steps", end);
        sameBits("stopped", "straight", step + 2);
        trainAlone("alone", "--max-steps", end);
        close("stopped", "alone", 1e-5);
    }

    private static void awaitFile(Path out) throws IOException, InterruptedException {
        Instant last = Instant.now().plus(Duration.ofSeconds(30));
        while (Instant.now().isBefore(last)) {
            try (Stream<Path> files = Files.list(out)) {
                if (files.anyMatch(file -> file.getFileName().toString().startsWith("g_"))) {
                    return;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError("nothing was saved in " + out);
    }

    /** One rank has nothing to round; gradients that are rounded to 8 bits on their way lead elsewhere, but not far. */
    @Test
    void oneRankIsTheProgramByItselfAndThreeWithHalfOfTheBytesAreClose() throws Exception {
        Launched.Ended half = train(mpirun, 3, "half", "--max-steps", "3", "--bf16-gradients");
        assertThat(half.ours()).anyMatch(line -> line.startsWith("aulos: 3 ranks averaged "));
        trainAlone("alone", "--max-steps", "3");
        train(mpirun, 1, "one", "--max-steps", "3");
        sameBits("one", "alone", 2);
        close("half", "alone", 1e-3);
        assertThat(losses("half").get(3)).isNotEqualTo(losses("alone").get(3));
    }

    @Test
    void aDeadRankEndsAll() throws Exception {
        Path out = folder.resolve("dead");
        lose(out, "KILL", "has died");
        Launched.Ended again = Launched.run(List.of(launched.aulos().toString()),
                Launched.training(run, out, "--max-steps", "6"));
        assertThat(again.exitCode()).as(String.join("\n", again.lines())).isZero();
        assertThat(again.ours()).anyMatch(line -> line.startsWith("aulos: going on after step "));
    }

    /** As one whose machine hangs, or has gone without a word: its connection stays, and nothing comes. */
    @Test
    void aRankThatHangsEndsAll() throws Exception {
        lose(folder.resolve("hung"), "STOP", "has not been heard of for 20 s");
    }

    /** All ranks but one are to end within 30 s of what a signal does to it, saying which it was. */
    private void lose(Path out, String signal, String what) throws Exception {
        Process process = Launched.start(Launched.mpirun(mpirun, 3, launched.aulos()),
                Launched.training(run, out, "--checkpoint-interval", "1"), "");
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            Launched.await(said, "saved " + out.resolve("g_00000001"));
            List<ProcessHandle> programs = process.descendants()
                    .filter(each -> each.info().command().orElse("").endsWith("/java")).toList();
            assertThat(programs).hasSize(3);
            ProcessHandle victim = programs.get(1);
            Instant began = Instant.now();
            assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(victim.pid())).start().waitFor()).isZero();
            List<String> last = said.lines().toList();
            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(30));
            assertThat(last.stream().filter(line -> line.contains(what))).singleElement().asString()
                    .matches("aulos: rank \\d \\(.*, process " + victim.pid() + "\\) " + what
                            + ", so all ranks end; the same command goes on from the newest checkpoint");
            assertThat(programs).noneMatch(ProcessHandle::isAlive);
        }
    }

    /** Whatever is wrong is said once, though all ranks find it. */
    @Test
    void mistakesAreOneLine() throws Exception {
        Launched.Ended batch = Launched.run(Launched.mpirun(mpirun, 4, launched.aulos()),
                Launched.training(run, folder.resolve("out")));
        assertThat(batch.exitCode()).isEqualTo(1);
        assertThat(batch.ours().subList(1, batch.ours().size())).containsExactly(
                "aulos: batch_size is 6, expected a multiple of 4, the number of ranks that share it");
        Launched.Ended usage = Launched.run(Launched.mpirun(mpirun, 2, launched.aulos()), List.of("train", "--no-such"));
        assertThat(usage.ours()).hasSize(1);

        Files.writeString(folder.resolve("other.txt"), "clip2|another\n");
        Path other = Files.writeString(folder.resolve("other"), """
                #!/bin/sh
                for argument; do
                    shift
                    [ "$OMPI_COMM_WORLD_RANK" = 0 ] || [ "$argument" != '%s' ] || argument='%s'
                    set -- "$@" "$argument"
                done
                exec '%s' "$@"
                """.formatted(run.validList(), folder.resolve("other.txt"), launched.aulos()));
        assertThat(other.toFile().setExecutable(true)).isTrue();
        Launched.Ended list = Launched.run(Launched.mpirun(mpirun, 2, other),
                Launched.training(run, folder.resolve("out")));
        assertThat(list.exitCode()).isEqualTo(1);
        assertThat(list.ours().subList(1, list.ours().size())).singleElement().asString().matches("aulos: the validation list"
                + " of rank 1 differs from rank 0's \\(\\w{8} against \\w{8}\\), expected the same on all ranks");

        Launched.Ended none = Launched.end(Launched.start(Launched.mpirun(mpirun, 2, launched.aulos()),
                Launched.training(run, folder.resolve("out")), "-Daulos.mpi=/no/libmpi.so"));
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.ours()).containsExactly("aulos: no MPI library can be loaded (/no/libmpi.so: cannot open shared object"
                + " file: No such file or directory): install the one that mpirun belongs to, e.g. Debian's libopenmpi3, or"
                + " name it by AULOS_OPTS=-Daulos.mpi=/path/to/libmpi.so");
        assertThat(folder.resolve("out")).doesNotExist();
    }
}

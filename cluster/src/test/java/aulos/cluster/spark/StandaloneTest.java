// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.TestDevice;
import aulos.hifigan.cli.TinyVoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A real cluster: a master and two workers of one core each, processes of their own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneTest {
    @TempDir
    private static Path folder;
    private static StandaloneCluster cluster;
    private static Process worker;
    private static Path corpus;
    private static Path checkpoint;
    private static Path fourMinutes;
    private static SparkSession session;

    @TempDir
    private Path out;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        corpus = Corpus.write(folder.resolve("corpus"));
        checkpoint = TinyVoice.write(folder);
        cluster = new StandaloneCluster(folder, StandaloneCluster.Place.HERE, StandaloneCluster.freePort());
        worker = worker();
        worker();
        session = SparkApp.session(cluster.master(), Map.of());
        fourMinutes = Corpus.noise(folder.resolve("four-minutes.wav"), TinyVoice.RATE, 240 * TinyVoice.RATE - 1, 10);
        List<String> command = new ArrayList<>(List.of("vocode", "--checkpoint", checkpoint.toString(), "--out", ".",
                fourMinutes.toString()));
        inputs().forEach(input -> command.add(input.toString()));
        SparkApp.alone(folder.resolve("alone"), command.toArray(String[]::new));
    }

    /** One that finds a GPU by a script that it is told of. */
    private static Process worker() throws IOException {
        Path script = Files.writeString(folder.resolve("discover"),
                "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return cluster.worker(StandaloneCluster.Place.HERE, List.of("-Dspark.worker.resource.gpu.amount=1",
                "-Dspark.worker.resource.gpu.discoveryScript=" + script));
    }

    @AfterAll
    static void stop() throws IOException {
        session.close();
        cluster.close();
    }

    private static List<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.walk(corpus)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private SparkApp vocode(String... more) {
        List<String> args = new ArrayList<>(List.of("--checkpoint", checkpoint.toString(), "--out", out.toString()));
        args.addAll(List.of(more));
        return SparkApp.run(session, new Vocode(), args.toArray(String[]::new));
    }

    private Path output(Path input) {
        String name = input.getFileName().toString();
        String suffix = name.endsWith(".npy") ? "_generated_e2e.wav" : "_generated.wav";
        return out.resolve(corpus.relativize(input)).resolveSibling(Inputs.stem(name) + suffix);
    }

    private void assertSameAsAlone() throws IOException {
        for (Path input : inputs()) {
            Path output = output(input);
            assertThat(output).hasSameBinaryContentAs(folder.resolve("alone").resolve(output.getFileName()));
        }
        // Nothing of what led there is left.
        assertThat(out.resolve("journal/temporary")).doesNotExist();
        assertThat(out.resolve("journal/parts")).satisfiesAnyOf(parts -> assertThat(parts).doesNotExist(),
                parts -> assertThat(parts).isEmptyDirectory());
    }

    /** Clips that are cut, grouped, resampled, decoded, and of which nothing but a mel is there. */
    @Test
    @Order(1)
    void resultIsThatOfOneMachineBitForBitAndIsNotMadeTwice() throws IOException {
        SparkApp first = vocode("--range", "3", "--task", "6", corpus.toString());
        assertThat(first.errors()).isEmpty();
        assertThat(first.exitCode()).isZero();
        assertThat(first.inputs()).isEqualTo(Corpus.INPUTS);
        assertThat(first.tasks()).isGreaterThan(10);
        assertSameAsAlone();

        Path lost = output(corpus.resolve("b/c/long.wav"));
        Files.delete(lost);
        Files.delete(output(corpus.resolve("a.wav")));
        SparkApp second = vocode("--range", "3", corpus.toString());
        assertThat(second.exitCode()).isZero();
        assertThat(second.before()).isEqualTo(Corpus.INPUTS - 2);
        assertThat(second.seconds()).isBetween(41.0, 41.01);
        assertSameAsAlone();

        SparkApp third = vocode("--range", "3", corpus.toString());
        assertThat(third.before()).isEqualTo(Corpus.INPUTS);
        assertThat(third.tasks()).isZero();
        assertThat(third.exitCode()).isZero();

        SparkApp other = vocode("--range", "3", "--encoding", "float32", corpus.toString());
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.errors()).singleElement().asString()
                .startsWith("aulos: file:" + out + ": holds results of {").endsWith(": choose another --out");
    }

    @Test
    @Order(2)
    void brokenInputsAreRowsWithAReason() throws IOException {
        Path poisoned = Files.createDirectories(folder.resolve("poisoned"));
        Path good = Corpus.noise(poisoned.resolve("good.wav"), TinyVoice.RATE, 20_000, 1);
        Path headless = poisoned.resolve("headless.wav");
        byte[] bytes = Files.readAllBytes(good);
        Files.write(headless, Arrays.copyOf(bytes, 30));
        Path cut = Files.write(poisoned.resolve("short.wav"), Arrays.copyOf(bytes, 30_000));
        Path text = Files.writeString(poisoned.resolve("text.flac"), "not audio at all");
        Path nan = Corpus.nanMel(poisoned.resolve("nan.npy"), 2_000, 1_500);
        SparkApp run = vocode("--range", "3", poisoned.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.inputs()).isEqualTo(5);
        assertThat(run.broken()).isEqualTo(3);
        assertThat(run.errors().getFirst()).startsWith("aulos: file:" + headless + ": file ends inside chunk 'fmt '");
        assertThat(run.errors().subList(1, 4)).containsExactly(
                "aulos: file:" + nan + ": mel is NaN at band 2, frame 1500, expected finite float32 values",
                "aulos: file:" + text + ": is neither WAV nor FLAC: it begins with 'not audio at'",
                "aulos: 3 of 5 inputs are broken, more than --max-broken 1.0 %: see column error of " + out
                        + "/manifest.parquet");
        assertThat(out.resolve("good_generated.wav")).exists();
        assertThat(session.read().parquet(out + "/manifest.parquet").where("input = 'file:" + cut + "'").first()
                .<String>getAs("note")).contains("29956 of 40000 bytes");
        assertThat(out.resolve("nan_generated_e2e.wav")).doesNotExist();

        Files.write(headless, bytes);
        SparkApp again = vocode("--range", "3", "--max-broken", "50", poisoned.toString());
        assertThat(again.exitCode()).isZero();
        assertThat(again.before()).isEqualTo(2);
        assertThat(again.broken()).isEqualTo(2);
        assertThat(out.resolve("headless_generated.wav")).hasSameBinaryContentAs(out.resolve("good_generated.wav"));
    }

    /** SIGKILL for one of two workers and its executor, while both share one long file. */
    @Test
    @Order(3)
    void losesNoMoreThanRunningTasksWithAWorker() throws Exception {
        AtomicInteger failed = new AtomicInteger();
        session.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                failed.addAndGet(end.taskInfo().successful() ? 0 : 1);
            }
        });
        CompletableFuture<SparkApp> run = CompletableFuture.supplyAsync(
                () -> vocode("--range", "2", "--task", "2", fourMinutes.toString()));
        Path tasks = out.resolve("journal/tasks");
        while (!run.isDone() && count(tasks) < 4) {
            StandaloneCluster.pause();
        }
        StandaloneCluster.kill(worker);
        int committed = count(tasks);
        SparkApp result = run.get();
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.tasks()).isGreaterThan(100);
        assertThat(committed).isLessThan(result.tasks());
        assertThat(count(tasks)).isEqualTo(result.tasks());
        // Its one core had one task.
        assertThat(failed.get()).isLessThanOrEqualTo(1);
        assertThat(out.resolve("four-minutes_generated.wav"))
                .hasSameBinaryContentAs(folder.resolve("alone/four-minutes_generated.wav"));
        worker = worker();
    }

    private static int count(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return (int) files.count();
        }
    }

    @Test
    @Order(4)
    void errorsAreOneLine() throws IOException {
        assertError(vocode(out.resolve("none").toString()), 1, "aulos: " + out.resolve("none") + ": no such file or folder");
        assertError(vocode("hdfs://127.0.0.1:1/x"), 1, "aulos: ", "localhost:1", "Connection refused");
        assertError(vocode("nothing://x/y"), 1, "aulos: No FileSystem for scheme \"nothing\"");
        assertError(vocode("s3a://b/x"), 1, "aulos: s3a://b/x: its file system cannot be opened: Class ",
                "S3AFileSystem not found");
        assertError(vocode("--range", "0", corpus.toString()), 2, "aulos: --range is 0.0, expected up to 3600 seconds");
        assertError(vocode("--wrong", "x"), 2, "aulos: Unknown option: '--wrong'");
        Files.writeString(out.resolve("g"), "nothing");
        assertError(SparkApp.run(session, new Vocode(), "--out", out.toString(), "--checkpoint", out.resolve("g").toString(),
                corpus.toString()), 1, "aulos: ");
    }

    /** PoCL's device stands for one. */
    @Test
    @Order(5)
    void tasksComputeOnTheGpuThatSparkFound() throws IOException, InterruptedException {
        TestDevice.open("opencl:0").close();
        session.close();
        session = SparkApp.session(cluster.master(), Map.of("spark.cores.max", "1", "spark.executor.resource.gpu.amount",
                "1", "spark.task.resource.gpu.amount", "1"));
        Path clip = corpus.resolve("a.wav");
        SparkApp run = vocode(clip.toString());
        assertThat(run.errors()).isEmpty();
        assertThat(session.read().parquet(out + "/manifest.parquet").first().<String>getAs("device")).startsWith("opencl");
        SparkApp.alone(folder.resolve("gpu"), "vocode", "--device", "opencl:0", "--checkpoint", checkpoint.toString(),
                "--out", ".", clip.toString());
        assertThat(output(clip)).hasSameBinaryContentAs(folder.resolve("gpu/a_generated.wav"));
    }

    private static void assertError(SparkApp run, int exitCode, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.errors()).singleElement().asString().contains(parts);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.cli.TinyVoice;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The other results, with a driver that computes itself. */
class FormatsTest {
    @TempDir
    private static Path folder;
    private static Path corpus;
    private static Path checkpoint;
    private static SparkSession session;

    @TempDir
    private Path out;

    @BeforeAll
    static void start() throws IOException {
        corpus = Corpus.write(folder.resolve("corpus"));
        checkpoint = TinyVoice.write(folder);
        session = SparkApp.session("local[2]", Map.of());
    }

    @AfterAll
    static void stop() throws IOException {
        session.close();
    }

    private static String config() {
        return checkpoint.resolveSibling("config.json").toString();
    }

    private Row manifestOf(Path input) {
        return session.read().parquet(out + "/manifest.parquet").where("input = 'file:" + input + "'").first();
    }

    /** A WAV file in a row for a short clip, for each range of a long one; together the bytes of one machine's file. */
    @Test
    void rowsHoldWhatFilesWould() throws IOException, InterruptedException {
        Path audio = corpus.resolve("b/c/long.wav");
        Path mel = corpus.resolve("mel.npy");
        SparkApp.alone(folder.resolve("alone"), "vocode", "--checkpoint", checkpoint.toString(), "--encoding", "float32",
                "--out", ".", audio.toString(), mel.toString());
        SparkApp run = SparkApp.run(session, new Vocode(), "--checkpoint", checkpoint.toString(), "--encoding", "float32",
                "--format", "parquet", "--range", "7", "--out", out.toString(), audio.toString(), mel.toString());
        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        Row whole = rows(mel).getFirst();
        byte[] expected = Files.readAllBytes(folder.resolve("alone/mel_generated_e2e.wav"));
        assertThat(whole.<byte[]>getAs("audio")).isEqualTo(expected);
        assertThat(whole.<Integer>getAs("sampling_rate")).isEqualTo(TinyVoice.RATE);
        assertThat(whole.<Double>getAs("duration")).isEqualTo(100.0 * TinyVoice.HOP / TinyVoice.RATE);

        Path generated = folder.resolve("alone/long_generated.wav");
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        int header = 58;
        parts.write(Files.readAllBytes(generated), 0, header);
        List<Row> ranges = rows(audio);
        assertThat(ranges).hasSize(5);
        for (Row range : ranges) {
            byte[] part = range.getAs("audio");
            parts.write(part, header, part.length - header);
        }
        assertThat(parts.toByteArray()).isEqualTo(Files.readAllBytes(generated));
        assertThat(manifestOf(audio).<Double>getAs("mel_error")).isCloseTo(melError(audio, generated), within(1e-6));
        assertThat(manifestOf(audio).<Double>getAs("real_time_factor")).isPositive();
        assertThat(manifestOf(audio).<String>getAs("device")).isEqualTo("cpu");

        SparkApp again = SparkApp.run(session, new Vocode(), "--checkpoint", checkpoint.toString(), "--encoding", "float32",
                "--format", "parquet", "--range", "7", "--out", out.toString(), audio.toString(), mel.toString());
        assertThat(again.before()).isEqualTo(2);
        assertThat(again.tasks()).isZero();
    }

    private List<Row> rows(Path input) {
        return session.read().parquet(out + "/results.parquet").where("path = 'file:" + input + "'")
                .orderBy("first_frame").collectAsList();
    }

    private static double melError(Path a, Path b) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Path.of(config()));
        try (Backend backend = Backends.open("cpu"); MelSpectrogram mel = new MelSpectrogram(config.mel(), backend)) {
            NdArray given = mel.ofClip(AudioFile.read(a, TinyVoice.RATE).samples());
            NdArray made = mel.ofClip(AudioFile.read(b, TinyVoice.RATE).samples());
            assertThat(made.shape()).isEqualTo(given.shape());
            double sum = 0;
            for (int i = 0; i < given.shape().size(); i++) {
                sum += Math.abs(given.get(i) - made.get(i));
            }
            return sum / given.shape().size();
        }
    }

    /** Read in places, and written, through Hadoop alone. */
    @Test
    void anyHadoopFileSystemWillDo() throws IOException, InterruptedException {
        Path long1 = corpus.resolve("b/c/long-resampled.wav");
        Path long2 = corpus.resolve("long-mel.npy");
        SparkApp.alone(folder.resolve("other"), "vocode", "--checkpoint", checkpoint.toString(), "--out", ".",
                long1.toString(), long2.toString(), corpus.resolve("long-packed.flac").toString());
        List<String> args = List.of("--checkpoint", "other:" + checkpoint, "--range", "3", "--out", "other:" + out,
                "other:" + corpus + "/long-*", "other:" + corpus + "/b/c/long-re*.wav");
        SparkApp run = SparkApp.run(session, new Vocode(), args.toArray(String[]::new));
        assertThat(run.errors()).isEmpty();
        assertThat(run.inputs()).isEqualTo(3);
        for (String name : List.of("long-resampled_generated.wav", "long-mel_generated_e2e.wav",
                "long-packed_generated.wav")) {
            assertThat(out.resolve(name)).hasSameBinaryContentAs(folder.resolve("other").resolve(name));
        }
        Files.delete(out.resolve("long-mel_generated_e2e.wav"));
        assertThat(SparkApp.run(session, new Vocode(), args.toArray(String[]::new)).before()).isEqualTo(2);
        assertThat(out.resolve("long-mel_generated_e2e.wav")).exists();
    }

    /** Also of clips that are cut, and put together again by bands. */
    @Test
    void melsAreThoseOfOneMachine() throws IOException, InterruptedException {
        String recordings = corpus + "/{a.wav,*packed.flac,b/*.wav,b/c/*.wav}";
        SparkApp.alone(folder.resolve("mels"), "mel", "--config", config(), "--out", ".",
                corpus.resolve("a.wav").toString(), corpus.resolve("packed.flac").toString(),
                corpus.resolve("long-packed.flac").toString(), corpus.resolve("b").toString(),
                corpus.resolve("b/c").toString());
        SparkApp run = SparkApp.run(session, new Mel(), "--config", config(), "--range", "3", "--out", out.toString(),
                recordings);
        assertThat(run.errors()).isEmpty();
        assertThat(run.inputs()).isEqualTo(6);
        for (String name : List.of("a", "packed", "long-packed", "b/resampled", "b/c/long", "b/c/long-resampled")) {
            Path file = out.resolve(name + ".npy");
            assertThat(file).hasSameBinaryContentAs(folder.resolve("mels").resolve(file.getFileName()));
        }
        assertThat(Npy.read(out.resolve("b/c/long.npy")).shape().dim(1)).isEqualTo(10_000);
    }

    @Test
    void scoresAreThoseOfOneMachine() throws IOException, InterruptedException {
        Path real = Files.createDirectories(folder.resolve("real"));
        Path made = Files.createDirectories(folder.resolve("made"));
        for (int i = 0; i < 3; i++) {
            Corpus.noise(real.resolve(i + ".wav"), TinyVoice.RATE, 20_000, i);
            Corpus.noise(made.resolve(i + "_generated.wav"), TinyVoice.RATE, 20_100, i + 10);
        }
        SparkApp.alone(folder.resolve("scores"), "eval", "--config", config(), "--json", "--reference", real.toString(),
                "--generated", made.toString());
        Corpus.noise(made.resolve("alone_generated.wav"), TinyVoice.RATE, 20_000, 1);
        Corpus.noise(made.resolve("2_generated.wav"), TinyVoice.RATE, 90_000, 1);
        SparkApp run = SparkApp.run(session, new Eval(), "--config", config(), "--reference", real.toString(), "--generated",
                made.toString(), "--out", out.toString(), "--max-broken", "60");
        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).hasSize(2);
        assertThat(run.errors().get(0)).contains("2_generated.wav: evaluation: the reference has 1.250 s, the generated");
        assertThat(run.errors().get(1)).contains("alone_generated.wav: has no reference in " + real);
        assertThat(run.out()).contains("mean of 2: mel error ");
        List<String> lines = Files.readAllLines(folder.resolve("scores/log.txt")).stream()
                .filter(line -> line.startsWith("{")).toList();
        for (int i = 0; i < 2; i++) {
            JsonObject expected = JsonParser.parseString(lines.get(i)).getAsJsonObject();
            Row row = manifestOf(made.resolve(i + "_generated.wav"));
            assertThat(row.<String>getAs("reference")).isEqualTo("file:" + real.resolve(i + ".wav"));
            assertThat(row.<Double>getAs("mel_error")).isEqualTo(expected.get("mel_error").getAsDouble());
            assertThat(row.<Double>getAs("stft_distance")).isEqualTo(expected.get("stft_distance").getAsDouble());
            assertThat(row.<Double>getAs("mcd_db")).isEqualTo(expected.get("mcd_db").getAsDouble());
            assertThat(row.<Double>getAs("voicing_error")).isEqualTo(expected.get("voicing_error").getAsDouble());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalCommandTest {
    @TempDir
    private Path folder;

    private Path references;
    private Path generated;

    @BeforeEach
    void makeFolders() throws IOException {
        references = Files.createDirectory(folder.resolve("references"));
        generated = Files.createDirectory(folder.resolve("generated"));
    }

    /** A buzz of 0.4 s. */
    private static void write(Path file, int rate, double hz, double gain) throws IOException {
        float[] samples = new float[rate * 2 / 5];
        for (int i = 0; i < samples.length; i++) {
            double phase = hz * i / rate % 1;
            samples[i] = (float) (gain * (2 * phase - 1));
        }
        try (WavWriter writer = WavWriter.create(file, rate, Encoding.FLOAT32)) {
            writer.write(samples, 0, samples.length);
            writer.commit();
        }
    }

    private Cli eval(String... more) {
        String[] args = {"eval", "--reference", references.toString(), "--generated", generated.toString()};
        return Cli.run(Stream.of(args, more).flatMap(Arrays::stream).toArray(String[]::new));
    }

    private static JsonObject json(String line) {
        return JsonParser.parseString(line).getAsJsonObject();
    }

    /** The program as it is run: another JVM, its streams, its exit code. */
    @Test
    void asAProcess() throws IOException, InterruptedException {
        write(references.resolve("a.wav"), 22_050, 150, 0.5);
        write(generated.resolve("a_generated_e2e.wav"), 22_050, 150, 0.25);
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process process = new ProcessBuilder(List.of(java, "-cp", System.getProperty("java.class.path"),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "aulos.hifigan.cli.Aulos", "eval", "--json",
                "--reference", references.toString(), "--generated", generated.toString()))
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertThat(process.waitFor()).as(Files.readString(err)).isZero();
        List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
        assertThat(lines).hasSize(2);
        JsonObject row = json(lines.get(0));
        assertThat(row.keySet()).containsExactly("reference", "generated", "seconds", "mel_error", "stft_distance",
                "spectral_convergence", "log_magnitude", "mcd_db", "f0_rmse_cents", "voicing_error");
        assertThat(row.get("seconds").getAsDouble()).isEqualTo(0.4);
        assertThat(row.get("mel_error").getAsDouble()).isCloseTo(Math.log(2), within(0.01));
        assertThat(row.get("spectral_convergence").getAsDouble()).isCloseTo(0.5, within(1e-3));
        assertThat(row.get("f0_rmse_cents").getAsDouble()).isCloseTo(0, within(1e-3));
        JsonObject mean = json(lines.get(1));
        assertThat(mean.get("files").getAsInt()).isEqualTo(1);
        assertThat(mean.get("mel_error")).isEqualTo(row.get("mel_error"));
        assertThat(mean.has("reference")).isFalse();
    }

    private static void isDevice(String line) {
        assertThat(line).matches("aulos: device .* \\(--device auto: the best that is there\\)");
    }

    @Test
    void printsATableAndSaysWhatItResampled() throws IOException {
        write(references.resolve("a.wav"), 44_100, 150, 0.5);
        write(references.resolve("b.wav"), 22_050, 150, 0.5);
        write(generated.resolve("a_generated.wav"), 22_050, 150, 0.5);
        write(generated.resolve("b.wav"), 22_050, 300, 0.5);
        Cli run = eval();
        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).satisfiesExactly(
                EvalCommandTest::isDevice,
                resampled -> assertThat(resampled)
                        .isEqualTo("aulos: " + references.resolve("a.wav") + ": resampled from 44100 to 22050 Hz"));
        assertThat(run.out().lines()).hasSize(4);
        assertThat(run.out()).contains("a_generated.wav", "1200.", "mean of 2 files");
    }

    @Test
    void namesFilesWithoutAPartner() throws IOException {
        write(references.resolve("a.wav"), 22_050, 150, 0.5);
        write(references.resolve("b.wav"), 22_050, 150, 0.5);
        write(generated.resolve("a.wav"), 22_050, 150, 0.5);
        Cli incomplete = eval("--json");
        assertThat(incomplete.exitCode()).isZero();
        assertThat(incomplete.errors()).satisfiesExactly(
                lacking -> assertThat(lacking)
                        .isEqualTo("aulos: 1 reference file has nothing generated in " + generated + ": b.wav"),
                EvalCommandTest::isDevice);
        Files.delete(references.resolve("b.wav"));
        write(generated.resolve("c_generated.wav"), 22_050, 150, 0.5);
        Cli alone = eval("--json");
        assertThat(alone.exitCode()).isEqualTo(1);
        assertThat(alone.errors()).satisfiesExactly(
                lacking -> assertThat(lacking)
                        .isEqualTo("aulos: 1 generated file has no reference in " + references + ": c_generated.wav"),
                EvalCommandTest::isDevice);
        assertThat(alone.out().lines()).hasSize(2);
    }

    @Test
    void saysWhatIsWrongInOneLine() throws IOException {
        write(references.resolve("a.wav"), 22_050, 150, 0.5);
        assertThat(eval().errors()).containsExactly("aulos: " + generated + ": has no file that ends in .wav, .flac");
        write(generated.resolve("b.wav"), 22_050, 150, 0.5);
        assertThat(eval().errors()).hasSize(3).last().asString()
                .endsWith(generated + ": no file has a reference of the same name in " + references);
        write(generated.resolve("a.wav"), 22_050, 150, 0.5);
        write(generated.resolve("a_generated.wav"), 22_050, 150, 0.5);
        assertThat(eval().errors()).containsExactly("aulos: " + generated.resolve("a_generated.wav")
                + ": stands for the same utterance as " + generated.resolve("a.wav") + ", expected one file for each");
        Files.delete(generated.resolve("a_generated.wav"));
        Files.delete(generated.resolve("b.wav"));
        Files.writeString(generated.resolve("a.wav"), "RIFFxxxxWAVE");
        Cli damaged = eval();
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(damaged.errors()).hasSize(1).first().asString().startsWith("aulos: " + generated.resolve("a.wav"));
        assertThat(Cli.run("eval", "--reference", folder.resolve("none").toString(), "--generated", "x").errors())
                .containsExactly("aulos: " + folder.resolve("none") + ": no such file or folder");
        assertThat(Cli.run("eval").exitCode()).isEqualTo(2);
    }
}

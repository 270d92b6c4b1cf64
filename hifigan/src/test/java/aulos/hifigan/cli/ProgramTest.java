// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.vocode.Voice;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as its users run it: a process of its own, with files in a folder. */
class ProgramTest {
    private static final Path SHARED = Path.of("../../shared").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    /** What lies in this folder hides what the program comes with. */
    private Path resources() {
        return folder.resolve("resources");
    }

    private Cli run(String... args) throws IOException, InterruptedException {
        Path out = Files.createTempFile("aulos", ".out");
        Path err = Files.createTempFile("aulos", ".err");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-Daulos.cpu.vector=scalar", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                resources() + File.pathSeparator
                        + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Aulos.class.getName()));
        command.addAll(List.of(args));
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectOutput(out.toFile()).redirectError(err.toFile());
            // As after a remote login that has ended.
            builder.environment().put("DISPLAY", ":77");
            Process process = builder.start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends within a minute").isTrue();
            // What the JVM itself says about its incubator module, and the launcher drops.
            String messages = Files.readString(err).replaceFirst("(?m)^WARNING: Using incubator modules.*\\R", "");
            return new Cli(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), messages);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    @Test
    void vocodesEverythingThatItCan() throws IOException, InterruptedException {
        TinyVoice.write(folder);
        TinyVoice.tone(folder.resolve("low rate.wav"), 8000, 8000);
        TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 16_000);
        Files.writeString(folder.resolve("text.wav"), "This is not audio.");

        Cli run = run("vocode", "--checkpoint", "g_00000001", "tone.wav", "text.wav", "low rate.wav", "--json");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors()).satisfiesExactly(
                device -> assertThat(device).matches("aulos: device cpu: .* \\(--device auto: .*\\)"),
                resampled -> assertThat(resampled).isEqualTo("aulos: low rate.wav: resampled from 8000 to 16000 Hz"),
                failed -> assertThat(failed)
                        .isEqualTo("aulos: text.wav: is neither WAV nor FLAC: it begins with 'This is not '"),
                count -> assertThat(count).isEqualTo("aulos: 1 of 3 files failed"));
        assertThat(run.out().lines()).hasSize(2);
        JsonObject first = JsonParser.parseString(run.out().lines().findFirst().orElseThrow()).getAsJsonObject();
        assertThat(first.keySet()).containsExactly("input", "output", "device", "audio_seconds", "seconds",
                "all_seconds", "realtime_factor");
        assertThat(first.get("input").getAsString()).isEqualTo("tone.wav");
        assertThat(first.get("output").getAsString()).isEqualTo("tone_generated.wav");
        assertThat(first.get("audio_seconds").getAsDouble()).isEqualTo(1);
        assertThat(first.get("realtime_factor").getAsDouble()).isPositive();

        Audio audio = AudioFile.read(folder.resolve("tone_generated.wav"), TinyVoice.RATE);
        assertThat(audio.resampled()).isFalse();
        assertThat(audio.samples()).hasSize(16_000);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("config.json", "g_00000001", "low rate.wav",
                "low rate_generated.wav", "text.wav", "tone.wav", "tone_generated.wav");
    }

    @Test
    void speechThroughAnOfficialCheckpoint() throws IOException, InterruptedException {
        Path checkpoint = SHARED.resolve("golden/checkpoints/g_00000004");
        Path clip = SHARED.resolve("data/ljspeech/wavs/LJ001-0002.wav");
        boolean there = Files.exists(checkpoint) && Files.exists(clip);
        if (!there) {
            System.err.println("SKIPPED: speech through an official checkpoint, ../shared is absent");
        }
        assumeTrue(there);
        Cli run = run("vocode", "--checkpoint_file", checkpoint.toString(), clip.toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().strip()).matches("\\Q" + clip + " -> LJ001-0002_generated.wav: 1.89 s of audio in \\E"
                + "\\d+\\.\\d\\d s, \\d+\\.\\d times real time");
        assertThat(AudioFile.read(folder.resolve("LJ001-0002_generated.wav"), 22_050).seconds())
                .isBetween(1.88, 1.9);
    }

    @Test
    void vocodesWithTheBundledVoice() throws IOException, InterruptedException {
        Path checkpoint = TinyVoice.write(folder);
        TinyVoice.bundle(resources(), checkpoint);
        TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 16_000);
        assertThat(run("vocode", "--checkpoint", "g_00000001", "--out", "expected.wav", "tone.wav").exitCode())
                .isZero();
        assertThat(run("vocode", "tone.wav").exitCode()).isZero();
        assertThat(folder.resolve("tone_generated.wav")).hasSameBinaryContentAs(folder.resolve("expected.wav"));

        Cli export = run("export", "--out", "voice.safetensors");
        assertThat(export.out()).startsWith(Voice.BUNDLED_NAME + " -> voice.safetensors: ");
        assertThat(folder.resolve("voice.safetensors")).hasSameBinaryContentAs(
                resources().resolve("aulos/voices/" + Voice.BUNDLED_NAME + "/generator.safetensors"));
    }

    @Test
    void drawsWithoutADisplay() throws IOException, InterruptedException {
        TinyVoice.write(folder);
        Cli demo = run("demo", "--checkpoint", "g_00000001");
        assertThat(demo.err()).doesNotContain("Exception", "Error");
        assertThat(demo.exitCode()).isZero();
        assertThat(folder.resolve("aulos-demo/comparison.png")).isNotEmptyFile();
    }

    @Test
    void saysWhatIsMissing() throws IOException, InterruptedException {
        Cli run = run("vocode", "--config", "config.json", "tone.wav");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.errors()).containsExactly("aulos: --config config.json given without the --checkpoint that it "
                + "belongs to (see 'aulos vocode --help')");
        assertThat(folder).isEmptyDirectory();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each command makes of good files, and that the ways through the program agree with each other. */
class CommandsTest {
    @TempDir
    Path folder;

    private String checkpoint;
    private String config;
    private String tone;

    @BeforeEach
    void files() throws IOException {
        checkpoint = TinyVoice.write(folder).toString();
        config = at("config.json");
        tone = TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 8000).toString();
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private static Cli succeed(String... args) {
        Cli run = Cli.run(args);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private static JsonObject json(String... args) {
        return JsonParser.parseString(succeed(args).out()).getAsJsonObject();
    }

    @Test
    void audioAndItsMelGiveTheSameAudio() throws IOException {
        JsonObject mel = json("mel", tone, "--config", config, "--out", at("mels"), "--json");
        assertThat(mel.keySet()).containsExactly("input", "output", "device", "mels", "frames", "audio_seconds");
        assertThat(mel.get("output").getAsString()).isEqualTo(at("mels/tone.npy"));
        assertThat(mel.get("frames").getAsInt()).isEqualTo(8000 / TinyVoice.HOP);

        succeed("vocode", "--checkpoint", checkpoint, "--out", at("x.wav"), tone);
        succeed("vocode", "--checkpoint", checkpoint, "--input_mels_dir", at("mels"), "--output_dir", at("out"));
        assertThat(folder.resolve("out/tone_generated_e2e.wav")).hasSameBinaryContentAs(folder.resolve("x.wav"));
        assertThat(Files.size(folder.resolve("x.wav"))).isEqualTo(44 + 2 * 8000);
    }

    @Test
    void aRecordingThatIsCutShortIsReadAndSaidToBe() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of(tone));
        Path cut = Files.write(folder.resolve("cut.wav"), Arrays.copyOf(whole, 44 + 2 * 4000 + 1));
        String note = "is cut short: its 'data' chunk has 8001 of 16000 bytes; what is whole is read, 4000 samples";
        assertThat(succeed("mel", cut.toString(), "--config", config, "--out", at("mels")).errors())
                .contains("aulos: " + cut + ": " + note);
        assertThat(json("info", "--json", cut.toString()).get("note").getAsString()).isEqualTo(note);
        assertThat(json("info", "--json", tone).has("note")).isFalse();
    }

    @Test
    void exportsWhatVocodesWithoutItsConfig() throws IOException {
        Path moved = Files.createDirectory(folder.resolve("moved")).resolve("tiny.safetensors");
        JsonObject export = json("export", "--checkpoint", checkpoint, "--out", moved.toString(), "--json");
        assertThat(export.get("bytes").getAsLong()).isEqualTo(Files.size(moved));
        succeed("vocode", "--checkpoint", checkpoint, "--out", at("x.wav"), "--encoding", "float32", tone);
        succeed("vocode", "--checkpoint", moved.toString(), "--out", at("y.wav"), "--encoding", "FLOAT32", tone);
        assertThat(folder.resolve("y.wav")).hasSameBinaryContentAs(folder.resolve("x.wav"));

        succeed("export", "--checkpoint", moved.toString(), "--out", at("tiny.onnx"));
        assertThat(Files.size(folder.resolve("tiny.onnx"))).isGreaterThan(export.get("parameters").getAsLong() * 4);
        assertThat(Cli.run("export", "--checkpoint", checkpoint, "--out", at("tiny.bin")).errors()).containsExactly(
                "aulos: --out " + at("tiny.bin") + " ends neither in .safetensors nor in .onnx"
                        + " (see 'aulos export --help')");
    }

    @Test
    void repeatsAreAllTimed() {
        JsonObject run = json("vocode", "--checkpoint", checkpoint, "--repeat", "3", "--json", "--out", at("x.wav"),
                "--device", "reference", tone);
        assertThat(run.getAsJsonArray("all_seconds")).hasSize(3);
        double seconds = run.get("seconds").getAsDouble();
        assertThat(run.getAsJsonArray("all_seconds").asList()).map(value -> value.getAsDouble())
                .contains(seconds).anyMatch(value -> value <= seconds).anyMatch(value -> value >= seconds);
        assertThat(run.get("audio_seconds").getAsDouble() / seconds).isEqualTo(run.get("realtime_factor").getAsDouble());
        assertThat(run.get("device").getAsString()).isEqualTo("reference");
    }

    @Test
    void deviceChoiceIsSaidOrRefused() {
        assertThat(succeed("vocode", "--checkpoint", checkpoint, "--device", "cpu", "--out", at("x.wav"), tone).err())
                .startsWith("aulos: device cpu: ").endsWith("(--device cpu)\n").hasLineCount(1);
        assertThat(succeed("vocode", "--checkpoint", checkpoint, "--exact", "--out", at("y.wav"), tone).err())
                .startsWith("aulos: device cpu: ").endsWith(", exact (--device auto: the best that is there)\n");
        Cli unknown = Cli.run("vocode", "--checkpoint", checkpoint, "--device", "abacus", tone);
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.errors()).singleElement().asString().startsWith("aulos: device abacus is not known");
        Cli absent = Cli.run("vocode", "--checkpoint", checkpoint, "--device", "cpu:7", tone);
        assertThat(absent.exitCode()).isEqualTo(1);
        assertThat(absent.errors()).containsExactly("aulos: device cpu:7: cpu has 1 device, numbered from 0");
    }

    @Test
    void wrongUsage() {
        assertThat(Cli.run("vocode", "--checkpoint", checkpoint).errors())
                .containsExactly("aulos: no input given (see 'aulos vocode --help')");
        assertThat(Cli.run("vocode", "--checkpoint", checkpoint, "--repeat", "0", tone).exitCode()).isEqualTo(2);
        assertThat(Cli.run("vocode", "--encoding", "mp3", tone).exitCode()).isEqualTo(2);
        assertThat(Cli.run("info").exitCode()).isEqualTo(2);
    }

    @Test
    void infoOfCheckpoints() {
        JsonObject generator = json("info", "--json", checkpoint);
        assertThat(generator.get("kind").getAsString()).isEqualTo("generator");
        assertThat(generator.get("container").getAsString()).isEqualTo("zip");
        assertThat(generator.get("form").getAsString()).isEqualTo("weight norm");
        assertThat(generator.getAsJsonObject("config").get("num_mels").getAsInt()).isEqualTo(TinyVoice.MELS);

        succeed("export", "--checkpoint", checkpoint, "--out", at("tiny.safetensors"));
        JsonObject folded = json("info", "--json", at("tiny.safetensors"));
        assertThat(folded.get("kind").getAsString()).isEqualTo("weights");
        assertThat(folded.get("container").getAsString()).isEqualTo("safetensors");
        assertThat(folded.get("form").getAsString()).isEqualTo("folded");
        assertThat(folded.get("parameters").getAsLong()).isLessThan(generator.get("parameters").getAsLong());
        assertThat(succeed("info", at("tiny.safetensors")).out()).contains("form        folded\n")
                .contains("  upsample rates            [8,8]\n");
    }

    @Test
    void infoOfArraysAndRecordings() throws IOException {
        JsonObject audio = json("info", "--json", tone);
        assertThat(audio.get("kind").getAsString()).isEqualTo("audio");
        assertThat(audio.get("format").getAsString()).isEqualTo("WAV, 1 channel, PCM16");
        assertThat(audio.get("seconds").getAsDouble()).isEqualTo(0.5);

        Npy.write(folder.resolve("a.npy"), NdArray.of(Shape.of(2, 2), 1.5f, -2, Float.NaN, 0));
        JsonObject array = json("info", "--json", at("a.npy"));
        assertThat(array.get("shape")).hasToString("[2,2]");
        assertThat(array.get("minimum").getAsDouble()).isEqualTo(-2);
        assertThat(array.get("not_finite").getAsInt()).isEqualTo(1);
    }
}

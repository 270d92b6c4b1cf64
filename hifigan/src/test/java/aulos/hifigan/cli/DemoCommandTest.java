// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.eval.Evaluation;
import aulos.hifigan.model.HifiGanConfig;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir
    Path folder;

    @Test
    void writesEverythingThatItNames() throws IOException {
        Path out = folder.resolve("a/b");
        Cli demo = Cli.run("demo", "--checkpoint", TinyVoice.write(folder).toString(), "--out", out.toString(),
                "--json");
        assertThat(demo.exitCode()).isZero();
        assertThat(out.toFile().list())
                .containsExactlyInAnyOrder("original.flac", "mel.npy", "resynthesis.wav", "comparison.png");
        JsonObject result = JsonParser.parseString(demo.out()).getAsJsonObject();
        assertThat(result.keySet()).containsExactly("voice", "device", "audio_seconds", "first_seconds", "seconds",
                "realtime_factor", "mel_error", "original", "mel", "resynthesis", "picture");
        assertThat(result.get("realtime_factor").getAsDouble()).isPositive();
        assertThat(result.get("mel_error").getAsDouble()).isBetween(0.1, 20.0);

        Audio original = AudioFile.read(out.resolve("original.flac"), 22_050);
        assertThat(original.resampled()).isFalse();
        assertThat(original.seconds()).isBetween(3.0, 6.0).isCloseTo(result.get("audio_seconds").getAsDouble(),
                within(0.001));
        Audio resynthesis = AudioFile.read(out.resolve("resynthesis.wav"), TinyVoice.RATE);
        assertThat(resynthesis.resampled()).isFalse();
        HifiGanConfig config = HifiGanConfig.parse(TinyVoice.CONFIG, "tiny");
        float[] resampled = AudioFile.read(out.resolve("original.flac"), TinyVoice.RATE).samples();
        try (Backend backend = Backends.open("cpu"); Evaluation evaluation = new Evaluation(config, backend)) {
            assertThat(result.get("mel_error").getAsDouble())
                    .isEqualTo(evaluation.score(resampled, resynthesis.samples()).melError());
        }
        NdArray mel = Npy.read(out.resolve("mel.npy"));
        assertThat(mel.shape()).isEqualTo(Shape.of(TinyVoice.MELS, resynthesis.samples().length / TinyVoice.HOP));
        assertThat(resynthesis.seconds()).isBetween(original.seconds() - 0.1, original.seconds());
    }

    @Test
    void drawsBothClips() throws IOException {
        Cli.run("demo", "--checkpoint", TinyVoice.write(folder).toString(), "--out", folder.toString());
        BufferedImage picture = ImageIO.read(folder.resolve("comparison.png").toFile());
        int half = picture.getHeight() / 2;
        assertThat(colours(picture, 60, half)).as("of the original").hasSizeGreaterThan(100);
        assertThat(colours(picture, half + 60, picture.getHeight())).as("of the resynthesis").hasSizeGreaterThan(100);
    }

    private static Set<Integer> colours(BufferedImage picture, int top, int bottom) {
        Set<Integer> colours = new HashSet<>();
        for (int y = top; y < bottom; y += 3) {
            for (int x = 0; x < picture.getWidth(); x += 3) {
                colours.add(picture.getRGB(x, y));
            }
        }
        return colours;
    }

    @Test
    void tellsPeopleWhatToDoNext() throws IOException {
        Cli demo = Cli.run("demo", "--checkpoint", TinyVoice.write(folder).toString(), "--out", folder.toString());
        assertThat(demo.out()).contains("times real time", "mel error  ", "device     cpu: ",
                "Listen to  " + folder.resolve("original.flac"), folder.resolve("resynthesis.wav").toString(),
                folder.resolve("comparison.png").toString(), "./aulos vocode");
        assertThat(demo.errors()).hasSize(2).first().asString().contains("resampled from 22050 to 16000 Hz");
    }

    @Test
    void aFolderThatCannotBeMadeIsOneLine() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Cli demo = Cli.run("demo", "--checkpoint", TinyVoice.write(folder).toString(), "--out", file.toString());
        assertThat(demo.exitCode()).isEqualTo(1);
        assertThat(demo.errors()).containsExactly("aulos: " + file + ": exists already");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files the lines of a list name, and what is found out about them before training. */
class ClipListTest {
    @TempDir
    private Path folder;

    private TinyRun run;
    private HifiGanConfig config;
    private Path mels;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void write() throws IOException {
        run = new TinyRun(folder, 3);
        config = run.config();
        mels = Files.createDirectory(folder.resolve("ft"));
        for (int i = 0; i < 3; i++) {
            int frames = (200 + 150 * i) / 16;
            Npy.write(mels.resolve("clip" + i + ".npy"), NdArray.of(Shape.of(8, frames), new float[8 * frames]));
        }
    }

    @Test
    void audioMayBeNamedWithItsExtensionOrFromElsewhere() throws IOException {
        Path wav = run.wavs().resolve("clip1.wav");
        Path mel = mels.resolve("clip1.npy");
        // An array that lies beside the audio is not one of the folder of mels.
        Files.writeString(run.wavs().resolve("clip1.npy"), "of something else");
        for (String line : List.of("clip1|text", "clip1.wav|text", "clip1.wav", wav + "|text",
                folder.resolve("wavs/clip1") + "|text", "../wavs/clip1.wav | ft/clip1.npy")) {
            Files.writeString(run.trainList(), line + "\n");
            Clip clip = ClipList.read(run.trainList(), run.wavs(), mels).getFirst();
            assertThat(clip.audio().normalize()).as(line).isEqualTo(wav);
            assertThat(clip.mel().normalize()).as(line).isEqualTo(mel);
        }
        Files.writeString(run.trainList(), "wavs/clip1.wav | ft/clip1.npy\n");
        Clip clip = ClipList.read(run.trainList(), folder, mels).getFirst();
        assertThat(clip.audio()).isEqualTo(wav);
        assertThat(clip.mel()).isEqualTo(mel);
        Path nested = Files.createDirectory(mels.resolve("wavs")).resolve("clip1.npy");
        Files.copy(mel, nested);
        assertThat(ClipList.read(run.trainList(), folder, mels).getFirst().mel()).isEqualTo(nested);
        Files.writeString(run.trainList(), "gone.wav|text\n");
        assertThat(ClipList.read(run.trainList(), folder, mels).getFirst().audio()).isEqualTo(folder.resolve("gone.wav"));
    }

    @Test
    void whatWindowsProgramsWriteIsRead() throws IOException {
        Files.writeString(run.trainList(), "\uFEFFclip0|one\r\nclip1|two\r\n\r\nclip2|three\r\n");
        assertThat(ClipList.read(run.trainList(), run.wavs(), null)).extracting(Clip::id)
                .containsExactly("clip0", "clip1", "clip2");
        Files.writeString(run.trainList(), "\uFEFF\nclip0|one\n");
        assertThat(ClipList.read(run.trainList(), run.wavs(), null)).extracting(Clip::id).containsExactly("clip0");
        Files.writeString(run.trainList(), "clip0\r\rclip1\n\nclip2");
        assertThat(ClipList.read(run.trainList(), run.wavs(), null)).extracting(Clip::id)
                .containsExactly("clip0", "clip1", "clip2");
    }

    /** A file of one endless line is no list, and is not read to its end to find that out. */
    @Test
    void endlessLinesAreRefused() throws IOException {
        String text = "x".repeat((1 << 16) - "clip0|".length());
        Files.writeString(run.trainList(), "clip0|" + text + "\nclip1|one\n");
        assertThat(ClipList.read(run.trainList(), run.wavs(), null)).extracting(Clip::id)
                .containsExactly("clip0", "clip1");
        Files.writeString(run.trainList(), "clip1|one\nclip0|" + text + "y\n");
        assertThatThrownBy(() -> ClipList.read(run.trainList(), run.wavs(), null)).isInstanceOf(IOException.class)
                .hasMessage(run.trainList() + ": line 2 has more than 65536 characters, expected a clip");
    }

    private void check(int clips, String... others) throws IOException {
        List<String> ids = new ArrayList<>(List.of(others));
        while (ids.size() < clips) {
            ids.add("clip" + ids.size() % 3);
        }
        TinyRun.writeList(run.trainList(), ids);
        List<Clip> list = ClipList.read(run.trainList(), run.wavs(), mels);
        ClipCheck.check(list, config.mel(), new ClipProblems("training clips", list.size(), said::add));
    }

    @Test
    void everyClipIsLookedAtBeforehand() throws IOException {
        check(100);
        assertThat(said).isEmpty();
        check(100, "gone");
        assertThat(said).containsExactly(
                "one of the training clips is broken, and skipped: " + run.wavs().resolve("gone.wav") + ": no such file");
        Files.writeString(run.wavs().resolve("text.wav"), "no audio");
        assertThatThrownBy(() -> check(100, "gone", "text")).isInstanceOf(IOException.class).hasMessage(
                "2 of 100 training clips are broken, more than 1%; the first: " + run.wavs().resolve("gone.wav")
                        + ": no such file");
        assertThatCode(() -> check(200, "gone", "text")).doesNotThrowAnyException();
    }

    @Test
    void melsAreLookedAtToo() throws IOException {
        Npy.write(mels.resolve("clip0.npy"), NdArray.of(Shape.of(8, 30), new float[240]));
        assertThatThrownBy(() -> check(3)).hasMessageStartingWith("1 of 3 training clips is broken, more than 1%; the first: "
                + mels.resolve("clip0.npy") + ": has 30 frames, 480 samples, but ");
        Npy.write(mels.resolve("clip0.npy"), NdArray.of(Shape.of(12, 8), new float[96]));
        assertThatThrownBy(() -> check(3)).hasMessageEndingWith(
                "has shape [12,8], expected [8,frames] or [1,8,frames]: it is the wrong way round");
        Files.delete(mels.resolve("clip0.npy"));
        assertThatThrownBy(() -> check(3)).hasMessageEndingWith(mels.resolve("clip0.npy") + ": no such file");
    }

    @Test
    void otherRatesAreSaidOnceEach() throws IOException {
        mels = null;
        for (int i = 0; i < 2; i++) {
            TinyRun.writeWav(run.wavs().resolve("high" + i + ".wav"), 900, 16_000);
        }
        TinyRun.writeWav(run.wavs().resolve("low.wav"), 900, 4000);
        check(9, "high0", "low", "high1");
        assertThat(said).containsExactly("1 of 9 clips is at 4000 Hz: resampled to 8000 Hz",
                "2 of 9 clips are at 16000 Hz: resampled to 8000 Hz");
    }
}

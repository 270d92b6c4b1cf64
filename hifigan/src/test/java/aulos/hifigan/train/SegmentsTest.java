// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentsTest {
    private static final int SEGMENT = 256;
    private static final int FRAMES = 16;

    @TempDir
    private Path folder;

    private TinyRun run;
    private HifiGanConfig config;
    private CpuBackend backend;
    private MelSpectrogram mel;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        run = new TinyRun(folder, 5);
        config = run.config();
        backend = new CpuBackend(1);
        mel = new MelSpectrogram(config.mel(), backend);
    }

    @AfterEach
    void close() {
        mel.close();
        backend.close();
    }

    private Segments segments(Path mels) throws IOException {
        List<Clip> clips = ClipList.read(run.trainList(), run.wavs(), mels);
        return new Segments(config, 2, clips, new ClipProblems("training clips", clips.size(), said::add));
    }

    @Test
    void dependOnSeedEpochAndIndexAlone() throws IOException {
        Segments all = segments(null);
        assertThat(all.batchesPerEpoch()).isEqualTo(2);
        Batch first = all.batch(3, 1, mel);
        all.batch(0, 0, mel);
        assertThat(segments(null).batch(3, 1, mel).audio().floats()).isEqualTo(first.audio().floats());
        assertThat(segments(null).batch(4, 1, mel).audio().floats()).isNotEqualTo(first.audio().floats());
        assertThat(first.audio().shape()).isEqualTo(Shape.of(2, 1, SEGMENT));
        assertThat(first.mel().shape()).isEqualTo(Shape.of(2, 8, FRAMES));
        float[] crop = Arrays.copyOfRange(first.audio().floats(), SEGMENT, 2 * SEGMENT);
        assertThat(Arrays.copyOfRange(first.mel().floats(), 8 * FRAMES, 16 * FRAMES))
                .isEqualTo(mel.ofClip(crop).floats());
    }

    @Test
    void everyClipComesOnceInAnEpoch() {
        int[] order = Randomness.order(1, 2, 100);
        assertThat(IntStream.of(order).sorted().toArray()).isEqualTo(IntStream.range(0, 100).toArray());
        assertThat(order).isNotEqualTo(Randomness.order(1, 3, 100)).isNotEqualTo(Randomness.order(2, 2, 100));
        assertThat(IntStream.range(0, 200).map(clip -> Randomness.start(1, 2, clip, 3)).distinct().sorted())
                .containsExactly(0, 1, 2, 3);
    }

    @Test
    void aShortClipIsPaddedAndAllAreScaled() throws IOException {
        TinyRun.writeList(run.trainList(), List.of("clip0", "clip0"));
        float[] audio = segments(null).batch(0, 0, mel).audio().floats();
        // The clip has 200 samples.
        assertThat(Arrays.copyOfRange(audio, 200, SEGMENT)).containsOnly(0f);
        float peak = 0;
        for (float sample : audio) {
            peak = Math.max(peak, Math.abs(sample));
        }
        assertThat(peak).isEqualTo(0.95f);
    }

    @Test
    void melsToFineTuneOnLieOverTheirAudio() throws IOException {
        TinyRun.writeWav(run.wavs().resolve("long.wav"), 100 * 16, TinyRun.RATE);
        TinyRun.writeList(run.trainList(), List.of("long", "clip0"));
        Path mels = Files.createDirectory(folder.resolve("mels"));
        float[] ramp = new float[8 * 101];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = i % 101;
        }
        Npy.write(mels.resolve("long.npy"), NdArray.of(Shape.of(1, 8, 101), ramp));
        Npy.write(mels.resolve("clip0.npy"), NdArray.of(Shape.of(8, 12), new float[96]));
        float[] whole = Utterance.read(
                new Clip("long", run.wavs().resolve("long.wav"), mels.resolve("long.npy")), config.mel()).samples();
        Batch batch = segments(mels).batch(0, 0, mel);
        int place = batch.mel().get(1) == 0 ? 1 : 0;
        int start = (int) batch.mel().get(place * 8 * FRAMES);
        float[] rest = Arrays.copyOfRange(whole, start * 16, Math.min(1600, start * 16 + SEGMENT));
        assertThat(Arrays.copyOfRange(batch.audio().floats(), place * SEGMENT, (place + 1) * SEGMENT))
                .isEqualTo(Arrays.copyOf(rest, SEGMENT));
        // clip0 has 12 frames, and 4 of silence.
        int other = (1 - place) * 8 * FRAMES;
        assertThat(Arrays.copyOfRange(batch.mel().floats(), other + 12, other + 16))
                .containsOnly((float) Math.log(1e-5));
    }

    @Test
    void aMelThatDoesNotFitIsBroken() throws IOException {
        Path npy = folder.resolve("x.npy");
        Path wav = run.wavs().resolve("clip0.wav");
        Npy.write(npy, NdArray.of(Shape.of(7, 12), new float[84]));
        assertThatThrownBy(() -> Utterance.read(new Clip("x", wav, npy), config.mel())).isInstanceOf(IOException.class)
                .hasMessage(npy + ": has shape [7,12], expected [8,frames] or [1,8,frames]");
        Npy.write(npy, NdArray.of(Shape.of(8, 30), new float[240]));
        assertThatThrownBy(() -> Utterance.read(new Clip("x", wav, npy), config.mel())).isInstanceOf(IOException.class)
                .hasMessage(npy + ": has 30 frames, 480 samples, but " + wav + " has 200");
        float[] values = new float[96];
        values[5] = Float.NaN;
        Npy.write(npy, NdArray.of(Shape.of(8, 12), values));
        assertThatThrownBy(() -> Utterance.read(new Clip("x", wav, npy), config.mel())).hasMessageContaining("NaN");
    }

    @Test
    void aBrokenClipIsNamedAndReplaced() throws IOException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 199; i++) {
            ids.add("clip" + i % 5);
        }
        ids.add("gone");
        TinyRun.writeList(run.trainList(), ids);
        Segments all = segments(null);
        for (int i = 0; i < all.batchesPerEpoch(); i++) {
            all.batch(0, i, mel);
        }
        assertThat(said).containsExactly(
                "one of the training clips is broken, and skipped: " + run.wavs().resolve("gone.wav") + ": no such file");
    }

    @Test
    void moreThanAHundredthBrokenStops() throws IOException {
        Files.writeString(run.wavs().resolve("clip1.wav"), "no audio");
        Segments all = segments(null);
        assertThatThrownBy(() -> {
            for (int epoch = 0; epoch < 30; epoch++) {
                all.batch(epoch, 0, mel);
            }
        }).isInstanceOf(IOException.class).hasMessageStartingWith("1 of 5 training clips is broken, more than 1%; the last: "
                + run.wavs().resolve("clip1.wav"));
    }

    /** As the official fine-tuning does: frames are rounded up, and the audio has all samples of each. */
    @Test
    void aPartOfAFrameCountsAsAWholeOne() throws IOException {
        Files.writeString(run.configFile(), Files.readString(run.configFile()).replace("256", "241"));
        config = HifiGanConfig.readForTraining(run.configFile());
        Batch batch = segments(null).batch(0, 0, mel);
        assertThat(batch.audio().shape()).isEqualTo(Shape.of(2, 1, 256));
        assertThat(batch.mel().shape()).isEqualTo(Shape.of(2, 8, 16));
        run.train(run.options(folder.resolve("out"), 1));
    }

    @Test
    void melsThatAreNoLogarithmsAreSaidOnce() throws IOException {
        Path mels = Files.createDirectory(folder.resolve("mels"));
        for (int i = 0; i < 5; i++) {
            float[] decibels = new float[8 * (12 + 9 * i)];
            Arrays.fill(decibels, -80);
            Npy.write(mels.resolve("clip" + i + ".npy"), NdArray.of(Shape.of(8, decibels.length / 8), decibels));
        }
        Segments all = segments(mels);
        all.batch(0, 0, mel);
        all.batch(0, 1, mel);
        assertThat(said).singleElement().asString().contains(".npy: mels from -80.00 to -80.00 can hardly be");
    }

    @Test
    void listsAreChecked() throws IOException {
        Path list = folder.resolve("list.txt");
        assertThatThrownBy(() -> ClipList.read(list, folder, null)).hasMessage(list + ": no such file");
        Files.writeString(list, "\n\n");
        assertThatThrownBy(() -> ClipList.read(list, folder, null)).hasMessage(list + ": names no clip");
        Files.write(list, new byte[] {'a', (byte) 0xff, '|'});
        assertThatThrownBy(() -> ClipList.read(list, folder, null)).hasMessageStartingWith(list + ": is not UTF-8");
        Files.writeString(list, "a\0b|x\n");
        assertThatThrownBy(() -> ClipList.read(list, folder, null)).hasMessage(list + ": line 1 is no file name");
        assertThatThrownBy(() -> ClipList.read(folder, folder, null)).hasMessageContaining("not a regular file");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WavWriterTest {
    @TempDir
    Path folder;

    private Path write(Encoding encoding, float... samples) throws IOException {
        Path target = folder.resolve("y.wav");
        try (WavWriter writer = WavWriter.create(target, 22_050, encoding)) {
            writer.write(samples, 0, samples.length);
            writer.commit();
        }
        return target;
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void readsBack(Encoding encoding) throws IOException {
        float[] samples = new float[100_001];
        Random random = new Random(1);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (random.nextInt(65_535) - 32_767) / 32_768f;
        }
        Audio audio = AudioFile.read(write(encoding, samples), 22_050);
        assertThat(audio.samples()).containsExactly(samples);
        assertThat(audio.resampled()).isFalse();
    }

    @Test
    void roundsToTheNearestAndClips() throws IOException {
        float lsb = 1 / 32_768f;
        float[] read = AudioFile.read(write(Encoding.PCM16, 1, -1, 7, -7, 0.6f * lsb, -0.6f * lsb, 0.4f * lsb), 22_050)
                .samples();
        assertThat(read).containsExactly(1 - lsb, lsb - 1, 1 - lsb, lsb - 1, lsb, -lsb, 0);
        float fine = 1 / 8_388_608f;
        assertThat(AudioFile.read(write(Encoding.PCM24, 1, -2, 0.6f * fine), 22_050).samples())
                .containsExactly(1 - fine, fine - 1, fine);
        assertThat(AudioFile.read(write(Encoding.FLOAT32, 7, -7, 1e-20f), 22_050).samples())
                .containsExactly(7, -7, 1e-20f);
    }

    @Test
    void headersAreWhatOtherProgramsExpect() throws IOException {
        assertThat(Files.readAllBytes(write(Encoding.PCM16, 0.5f))).containsExactly(
                Wav.riff(38).format(1, 1, 22_050, 16).chunk("data", 2).u16(16_384).bytes());
        assertThat(Files.readAllBytes(write(Encoding.PCM24, 0.5f))).containsExactly(
                Wav.riff(40).format(1, 1, 22_050, 24).chunk("data", 3).raw(0, 0, 0x40, 0).bytes());
        assertThat(Files.readAllBytes(write(Encoding.FLOAT32, 0.5f))).containsExactly(
                Wav.riff(54).ascii("fmt ").u32(18).u16(3).u16(1).u32(22_050).u32(88_200).u16(4).u16(32).u16(0)
                        .chunk("fact", 4).u32(1).chunk("data", 4).f32(0.5f).bytes());
    }

    @Test
    void withoutCommitNothingChanges() throws IOException {
        Path target = write(Encoding.PCM16, 0.5f);
        byte[] before = Files.readAllBytes(target);
        try (WavWriter writer = WavWriter.create(target, 22_050, Encoding.PCM16)) {
            writer.write(new float[100_000], 0, 100_000);
        }
        assertThat(Files.readAllBytes(target)).containsExactly(before);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void linksAreFollowed() throws IOException {
        Path real = folder.resolve("real.wav");
        Files.createFile(real);
        Files.createSymbolicLink(folder.resolve("y.wav"), real.getFileName());
        write(Encoding.PCM16, 0.5f);
        assertThat(folder.resolve("y.wav")).isSymbolicLink();
        assertThat(real).hasSize(46);
    }

    @Test
    void refusals() throws IOException {
        Path target = folder.resolve("y.wav");
        assertThatThrownBy(() -> write(Encoding.PCM16, 0, Float.NaN))
                .hasMessage(target + ": sample 1 is NaN, expected a finite value");
        try (WavWriter writer = WavWriter.create(target, 22_050, Encoding.PCM16, 65)) {
            writer.write(new float[10], 0, 10);
            assertThatThrownBy(() -> writer.write(new float[1], 0, 1)).isInstanceOf(IOException.class)
                    .hasMessage(target + ": 11 samples of 2 bytes exceed a WAV file's limit of 65 bytes");
        }
        assertThatThrownBy(() -> WavWriter.create(folder, 22_050, Encoding.PCM16))
                .hasMessage(folder + ": exists and is not a regular file");
        Path lost = folder.resolve("none/y.wav");
        assertThatThrownBy(() -> WavWriter.create(lost, 22_050, Encoding.PCM16))
                .hasMessage(lost + ": its folder does not exist");
        assertThat(folder).isEmptyDirectory();
    }
}

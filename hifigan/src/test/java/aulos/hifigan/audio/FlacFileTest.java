// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code .flac} files here were written by libFLAC, and so were their twins with the same samples as WAV. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FlacFileTest {
    @TempDir
    Path folder;

    private static Path resource(String name) {
        return Path.of("src/test/resources/aulos/hifigan/audio", name);
    }

    private float[] read(byte[] bytes) throws IOException {
        // Written over the one before, it would be forced to disk by ext4: 2.4 ms, where a new file takes 0.2.
        Files.deleteIfExists(folder.resolve("x.flac"));
        Path file = Files.write(folder.resolve("x.flac"), bytes);
        try (AudioStream stream = AudioFile.open(file)) {
            return AudioFile.read(file, stream.sampleRate()).samples();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mono16", "stereo16", "stereo24", "mono8", "wasted16", "six16"})
    void equalsTheSameSamplesAsWav(String name) throws IOException {
        try (AudioStream wav = AudioFile.open(resource(name + ".wav"));
                AudioStream flac = AudioFile.open(resource(name + ".flac"))) {
            assertThat(flac.sampleRate()).isEqualTo(wav.sampleRate());
            assertThat(flac.length()).isEqualTo(wav.length());
            assertThat(AudioFile.read(resource(name + ".flac"), flac.sampleRate()).samples())
                    .containsExactly(AudioFile.read(resource(name + ".wav"), flac.sampleRate()).samples());
        }
    }

    @Test
    void truncatedAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(resource("mono16.flac"));
        for (int length = 0; length < whole.length; length += length < 200 ? 1 : 37) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(part)).isInstanceOf(IOException.class)
                    .hasMessageStartingWith(folder.resolve("x.flac") + ": ");
        }
    }

    @Test
    void truncatedBetweenFrames() throws IOException {
        byte[] whole = Files.readAllBytes(resource("mono16.flac"));
        int second = whole.length;
        do {
            second--;
        } while ((whole[second] & 0xff) != 0xff || (whole[second + 1] & 0xff) != 0xf8);
        byte[] part = Arrays.copyOf(whole, second);
        assertThatThrownBy(() -> read(part)).hasMessageEndingWith("is truncated: it has 4096 of 4500 samples");
    }

    /** A changed bit is found by a checksum, or lies in metadata that do not matter. */
    @Test
    void damagedAnywhere() throws IOException {
        for (String name : List.of("stereo16", "stereo24", "mono8")) {
            byte[] whole = Files.readAllBytes(resource(name + ".flac"));
            float[] expected = read(whole);
            Random random = new Random(1);
            for (int run = 0; run < 1000; run++) {
                byte[] damaged = whole.clone();
                damaged[run < 100 ? run : random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
                try {
                    float[] samples = read(damaged);
                    assertThat(samples.length != expected.length || Arrays.equals(samples, expected)).isTrue();
                } catch (IOException e) {
                    assertThat(e).hasMessageStartingWith(folder.resolve("x.flac") + ": ").hasMessageNotContaining("\n");
                }
            }
        }
    }

    @Test
    void announcedLength() throws IOException {
        byte[] whole = Files.readAllBytes(resource("mono16.flac"));
        byte[] streamed = whole.clone();
        Arrays.fill(streamed, 22, 26, (byte) 0);
        assertThat(read(streamed)).containsExactly(read(whole));

        byte[] tooLong = whole.clone();
        Arrays.fill(tooLong, 22, 26, (byte) 0x7f);
        assertThatThrownBy(() -> read(tooLong)).hasMessageContaining("2139062143 samples do not fit the JVM's memory");

        byte[] longer = whole.clone();
        longer[23]++;
        assertThatThrownBy(() -> read(longer)).hasMessageContaining("is truncated: it has 4500 of 70036 samples");

        byte[] shorter = whole.clone();
        shorter[25]--;
        assertThatThrownBy(() -> read(shorter)).hasMessageContaining("has more than the 4499 samples");
    }

    @Test
    void digestIsVerifiedBeforeTheLastSample() throws IOException {
        byte[] whole = Files.readAllBytes(resource("mono16.flac"));
        whole[26] ^= 1;
        assertThatThrownBy(() -> read(whole)).hasMessageStartingWith(folder.resolve("x.flac") + ": is damaged: its")
                .hasMessageContaining("samples have the MD5");
        Arrays.fill(whole, 26, 42, (byte) 0);
        assertThat(read(whole)).as("without a digest").hasSize(4500);
    }

    @Test
    void trailingTagIsIgnored() throws IOException {
        byte[] whole = Files.readAllBytes(resource("mono16.flac"));
        assertThat(read(Arrays.copyOf(whole, whole.length + 128))).containsExactly(read(whole));
    }

    /** Real speech against the MD5 of the samples that the encoder stored in the file. */
    @Test
    void speechHasTheEncodersDigest() throws IOException, NoSuchAlgorithmException {
        Path clips = Path.of("../../shared/data/kerstin/wavs");
        if (!Files.isDirectory(clips)) {
            System.err.println("SKIPPED: FLAC speech, ../shared/data/kerstin/wavs is absent");
        }
        assumeThat(clips).isDirectory();
        try (Stream<Path> files = Files.list(clips)) {
            for (Path file : files.sorted().limit(40).toList()) {
                ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(file), 0, 42);
                byte[] digest = new byte[16];
                header.get(26, digest);
                float[] samples = AudioFile.read(file, 22_050).samples();
                ByteBuffer integers = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
                for (float sample : samples) {
                    integers.putShort((short) (sample * 32768));
                }
                assertThat(MessageDigest.getInstance("MD5").digest(integers.array())).as("%s", file)
                        .containsExactly(digest);
            }
        }
    }
}

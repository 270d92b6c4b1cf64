// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavFileTest {
    @TempDir
    Path folder;

    private float[] read(Wav wav) throws IOException {
        return read(wav.bytes());
    }

    private float[] read(byte[] bytes) throws IOException {
        return AudioFile.read(Files.write(folder.resolve("x.wav"), bytes), 8000).samples();
    }

    private void refused(Wav wav, String message) {
        assertThatThrownBy(() -> read(wav)).isInstanceOf(IOException.class).hasMessage(folder.resolve("x.wav") + message);
    }

    @Test
    void integerFormats() throws IOException {
        assertThat(read(Wav.riff(39).format(1, 1, 8000, 8).chunk("data", 3).raw(0, 128, 255, 0)))
                .containsExactly(-1, 0, 127 / 128f);
        assertThat(read(Wav.riff(40).format(1, 1, 8000, 16).chunk("data", 4).u16(-32768).u16(32767)))
                .containsExactly(-1, 32767 / 32768f);
        assertThat(read(Wav.riff(42).format(1, 1, 8000, 24).chunk("data", 6).raw(0, 0, 0x80, 1, 0xff, 0x7f)))
                .containsExactly(-1, 0x7fff01 * 0x1p-23f);
        assertThat(read(Wav.riff(44).format(1, 1, 8000, 32).chunk("data", 8).u32(0x80000000L).u32(1 << 30)))
                .containsExactly(-1, 0.5f);
    }

    @Test
    void floatFormats() throws IOException {
        assertThat(read(Wav.riff(44).format(3, 1, 8000, 32).chunk("data", 8).f32(0.1f).f32(-1.5f)))
                .containsExactly(0.1f, -1.5f);
        assertThat(read(Wav.riff(52).format(3, 1, 8000, 64).chunk("data", 16).f64(0.1).f64(-1.5)))
                .containsExactly(0.1f, -1.5f);
    }

    @Test
    void extensibleFormats() throws IOException {
        assertThat(read(Wav.riff(64).extensible(1, 1, 8000, 32, 20).chunk("data", 4).u32(1 << 30)))
                .containsExactly(0.5f);
        assertThat(read(Wav.riff(64).extensible(3, 1, 8000, 32, 32).chunk("data", 4).f32(0.25f)))
                .containsExactly(0.25f);
    }

    @Test
    void channelsAreAveraged() throws IOException {
        assertThat(read(Wav.riff(48).format(1, 3, 8000, 16).chunk("data", 12)
                .u16(3000).u16(0).u16(-6000).u16(32767).u16(32767).u16(32767)))
                .containsExactly(-1000 / 32768f, 32767 / 32768f);
    }

    @Test
    void unknownChunksAndPaddingAreSkipped() throws IOException {
        Wav wav = Wav.riff(90).chunk("LIST", 3).raw(1, 2, 3, 0).ascii("fmt ").u32(18).u16(1).u16(1).u32(8000).u32(16000)
                .u16(2).u16(16).u16(0).chunk("junk", 0).chunk("data", 2).u16(16384).chunk("id3 ", 4).u32(0);
        assertThat(read(wav)).containsExactly(0.5f);
    }

    @Test
    void streamedFilesEndWithTheFile() throws IOException {
        for (long size : new long[] {0xffff_ffffL, 0x8000_0000L, 0x7fff_f000L}) {
            assertThat(read(Wav.riff(size).format(1, 1, 8000, 16).chunk("data", size).u16(16384).u16(-16384).raw(9)))
                    .containsExactly(0.5f, -0.5f);
        }
        assertThat(read(Wav.riff(0).format(1, 1, 8000, 16).chunk("data", 0).u16(16384))).containsExactly(0.5f);
        assertThat(read(Wav.riff(36).format(1, 1, 8000, 16).chunk("data", 0).u16(16384))).containsExactly(0.5f);
    }

    @Test
    void wrongHeaders() {
        refused(Wav.riff(40).format(1, 1, 8000, 16).chunk("data", 400_000_000).u16(1).u16(2),
                ": is truncated: its 'data' chunk has 4 of 400000000 bytes");
        refused(Wav.riff(39).format(1, 1, 8000, 16).chunk("data", 3).raw(1, 2, 3, 0),
                ": its 'data' chunk of 3 bytes is not a whole number of frames of 2 bytes");
        refused(Wav.riff(36).format(1, 1, 8000, 16), ": has no 'data' chunk");
        refused(Wav.riff(12).chunk("data", 4).u32(0), ": its 'data' chunk comes before any 'fmt ' chunk");
        refused(Wav.riff(36).format(1, 1, 8000, 16).chunk("data", 4).u16(0),
                ": is truncated: its 'data' chunk has 2 of 4 bytes");
        refused(Wav.riff(44).format(1, 1, 8000, 16).chunk("data", 0).chunk("junk", 0), ": holds no samples");
        refused(Wav.riff(99).chunk("LIST", 0xffff_fffeL).u32(0),
                ": file ends inside chunk 'LIST': 4 bytes left, 4294967294 expected");
        refused(Wav.riff(40).format(6, 1, 8000, 8).chunk("data", 0),
                ": has WAV format 6 with 8 bits, expected 1 (PCM) with 1 to 32 or 3 (float) with 32 or 64");
        refused(Wav.riff(40).format(1, 0, 8000, 16).chunk("data", 0), ": has 0 channels, expected at least 1");
        refused(Wav.riff(40).format(1, 1, 1, 16).chunk("data", 0),
                ": has a sampling rate of 1 Hz, expected 1000 to 768000");
        refused(Wav.riff(40).ascii("fmt ").u32(4).u32(1), ": its 'fmt ' chunk has 4 bytes, expected at least 16");
    }

    @Test
    void nonFiniteSamples() {
        refused(Wav.riff(44).format(3, 1, 8000, 32).chunk("data", 8).f32(1).f32(Float.NaN),
                ": sample 1 is NaN, expected a finite value");
        refused(Wav.riff(44).format(3, 1, 8000, 64).chunk("data", 8).f64(1e300),
                ": sample 0 is Infinity, expected a finite value");
    }

    @Test
    void otherFiles() {
        refused(new Wav(), ": is empty");
        refused(new Wav().ascii("ID3x").raw(3, 10, 200), ": is neither WAV nor FLAC: it begins with 'ID3x???'");
        assertThatThrownBy(() -> AudioFile.open(folder)).hasMessage(folder + ": is not a regular file");
        Path none = folder.resolve("none.wav");
        assertThatThrownBy(() -> AudioFile.open(none)).hasMessage(none + ": no such file");
    }

    /** Whatever is wrong with a file, it is an IOException that names it, or audio that could be meant. */
    @Test
    void damagedAnywhere() throws IOException {
        byte[] whole = Wav.riff(86).chunk("LIST", 4).u32(7).extensible(3, 2, 8000, 32, 32).chunk("data", 16)
                .f32(1).f32(2).f32(3).f32(4).bytes();
        Random random = new Random(1);
        for (int run = 0; run < 2000; run++) {
            byte[] damaged = Arrays.copyOf(whole, run < whole.length ? run : whole.length);
            for (int i = 0; i < 2 && damaged.length > 0; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt());
            }
            try {
                assertThat(read(damaged).length).isBetween(1, 64 * whole.length);
            } catch (IOException e) {
                assertThat(e).hasMessageStartingWith(folder.resolve("x.wav") + ": ").hasMessageNotContaining("\n");
            }
        }
    }
}

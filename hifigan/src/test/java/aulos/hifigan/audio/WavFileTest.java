// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
        // Written over the one before, it would be forced to disk by ext4: 2.4 ms, where a new file takes 0.2.
        Files.deleteIfExists(folder.resolve("x.wav"));
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
        assertThat(read(Wav.riff(46).format(1, 1, 8000, 40).chunk("data", 10).raw(0, 0, 0, 0, 0x80, 0, 0, 0, 1, 0x40)))
                .containsExactly(-1, 0.5f + 0x1p-15f);
        assertThat(read(Wav.riff(42).format(1, 1, 8000, 41).chunk("data", 6).raw(0, 0, 0, 0, 1, 0x40)))
                .containsExactly(0.5f + 0x1p-15f);
        assertThat(read(Wav.riff(43).format(1, 1, 8000, 56).chunk("data", 7).raw(0, 0, 0, 0, 0, 1, 0xc0, 0)))
                .containsExactly(-0.5f + 0x1p-15f);
        assertThat(read(Wav.riff(52).format(1, 1, 8000, 64).chunk("data", 16).u64(Long.MIN_VALUE).u64(1L << 62)))
                .containsExactly(-1, 0.5f);
    }

    /** 24 bits in 32, 12 in 16: at the top of them. */
    @Test
    void integersInMoreBytesThanTheyNeed() throws IOException {
        assertThat(read(Wav.riff(44).format(1, 2, 8000, 24, 8).chunk("data", 8).u32(0x40000000).u32(0x40000000)))
                .containsExactly(0.5f);
        assertThat(read(Wav.riff(38).format(1, 1, 8000, 12).chunk("data", 2).u16(0x4000))).containsExactly(0.5f);
        assertThat(read(Wav.riff(38).format(1, 1, 8000, 8, 2).chunk("data", 2).u16(0x4000))).containsExactly(0.5f);
    }

    @Test
    void bigEndianFiles() throws IOException {
        assertThat(read(Wav.rifx(39).format(1, 1, 8000, 8).chunk("data", 3).raw(0, 128, 255, 0)))
                .containsExactly(-1, 0, 127 / 128f);
        assertThat(read(Wav.rifx(60).chunk("LIST", 3).u32(0).format(1, 2, 8000, 16).chunk("data", 4).u16(16384).u16(0)))
                .containsExactly(0.25f);
        assertThat(read(Wav.rifx(42).format(1, 1, 8000, 24).chunk("data", 6).raw(0x80, 0, 0, 0x7f, 0xff, 1)))
                .containsExactly(-1, 0x7fff01 * 0x1p-23f);
        assertThat(read(Wav.rifx(46).format(1, 1, 8000, 40).chunk("data", 10).raw(0x80, 0, 0, 0, 0, 0x40, 1, 0, 0, 0)))
                .containsExactly(-1, 0.5f + 0x1p-15f);
        assertThat(read(Wav.rifx(40).format(1, 1, 8000, 32).chunk("data", 4).u32(1 << 30))).containsExactly(0.5f);
        assertThat(read(Wav.rifx(44).format(1, 1, 8000, 64).chunk("data", 8).u64(1L << 62))).containsExactly(0.5f);
        assertThat(read(Wav.rifx(64).extensible(3, 1, 8000, 32, 32).chunk("data", 4).f32(0.1f))).containsExactly(0.1f);
        assertThat(read(Wav.rifx(44).format(3, 1, 8000, 64).chunk("data", 8).f64(0.1))).containsExactly(0.1f);
    }

    /** The data chunk's own size does not count where the other chunk has it. */
    @Test
    void filesForMoreThan4Gigabytes() throws IOException {
        for (String tag : new String[] {"RF64", "BW64"}) {
            assertThat(read(Wav.rf64(tag, 96, 4).format(1, 1, 8000, 16).chunk("data", 0xffff_ffffL).u16(16384).u16(-16384)
                    .chunk("junk", 2).u16(1))).containsExactly(0.5f, -0.5f);
            assertThat(note(Wav.rf64(tag, 96, 1L << 40).format(1, 1, 8000, 16).chunk("data", 0xffff_ffffL).u16(16384)))
                    .startsWith("is cut short: its 'data' chunk has 2 of 1099511627776 bytes; ");
            assertThat(read(Wav.rf64(tag, -1, -1).format(1, 1, 8000, 16).chunk("data", 0xffff_ffffL).u16(16384)))
                    .containsExactly(0.5f);
        }
        assertThat(read(new Wav().ascii("RF64").u32(0xffff_ffffL).ascii("WAVE").format(1, 1, 8000, 16)
                .chunk("data", 0xffff_ffffL).u16(16384))).as("without the other chunk").containsExactly(0.5f);
    }

    private String note(Wav wav) throws IOException {
        return AudioFile.read(Files.write(folder.resolve("x.wav"), wav.bytes()), 8000).note();
    }

    /** As the official reader does, but not without a word. */
    @Test
    void whatIsWholeIsReadOfDamagedFiles() throws IOException {
        Wav longer = Wav.riff(40).format(1, 1, 8000, 16).chunk("data", 400_000_000).u16(16384).u16(-16384).raw(7);
        assertThat(read(longer)).containsExactly(0.5f, -0.5f);
        assertThat(note(longer)).isEqualTo(
                "is cut short: its 'data' chunk has 5 of 400000000 bytes; what is whole is read, 2 samples");
        Wav uneven = Wav.riff(43).format(1, 2, 8000, 16).chunk("data", 7).u16(16384).u16(16384).raw(1, 2, 3, 0);
        assertThat(read(uneven)).containsExactly(0.5f);
        assertThat(note(uneven)).isEqualTo("its 'data' chunk of 7 bytes is not a whole number of frames of 4 bytes;"
                + " what is whole is read, 1 samples");
        assertThat(note(Wav.riff(40).format(1, 1, 8000, 16).chunk("data", 4).u16(1).u16(2))).isNull();
        assertThat(note(Wav.riff(40).format(1, 1, 16_000, 16).chunk("data", 6).u16(1).u16(2))).as("resampled as well")
                .startsWith("is cut short");
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

    /** What ffmpeg and sox write to a pipe is whole: there is nothing to say about it. */
    @Test
    void anEndlessRowOfChunksIsRefused() throws IOException {
        for (int chunks : new int[] {9_998, 9_999}) {
            Wav wav = new Wav().ascii("RIFF").u32(0x7000_0000L).ascii("WAVE");
            for (int i = 0; i < chunks; i++) {
                wav.ascii("junk").u32(0);
            }
            wav.format(1, 1, 8000, 16).chunk("data", 2).u16(0);
            if (chunks == 9_998) {
                assertThat(read(wav)).hasSize(1);
            } else {
                refused(wav, ": has 10000 chunks without samples, expected a 'data' chunk among them");
            }
        }
    }

    @Test
    void streamedFilesEndWithTheFile() throws IOException {
        for (long size : new long[] {0xffff_ffffL, 0x8000_0000L, 0x7fff_f000L}) {
            assertThat(note(Wav.riff(size).format(1, 1, 8000, 16).chunk("data", size).u16(16384))).isNull();
            assertThat(read(Wav.riff(size).format(1, 1, 8000, 16).chunk("data", size).u16(16384).u16(-16384).raw(9)))
                    .containsExactly(0.5f, -0.5f);
        }
        assertThat(read(Wav.riff(0).format(1, 1, 8000, 16).chunk("data", 0).u16(16384))).containsExactly(0.5f);
        assertThat(read(Wav.riff(36).format(1, 1, 8000, 16).chunk("data", 0).u16(16384))).containsExactly(0.5f);
    }

    @Test
    void wrongHeaders() {
        refused(Wav.riff(36).format(1, 1, 8000, 16), ": has no 'data' chunk");
        refused(Wav.riff(12).chunk("data", 4).u32(0), ": its 'data' chunk comes before any 'fmt ' chunk");
        refused(Wav.riff(36).format(1, 1, 8000, 16).chunk("data", 4).raw(0), ": holds no samples");
        refused(Wav.riff(44).format(1, 1, 8000, 16).chunk("data", 0).chunk("junk", 0), ": holds no samples");
        refused(Wav.riff(99).chunk("LIST", 0xffff_fffeL).u32(0),
                ": file ends inside chunk 'LIST': 4 bytes left, 4294967294 expected");
        refused(Wav.riff(40).format(6, 1, 8000, 8).chunk("data", 0),
                ": has WAV format 6 (A-law, 8 bits), expected 1 (PCM, 1 to 64 bits) or 3 (float, 32 or 64 bits)");
        refused(Wav.rifx(40).extensible(7, 1, 8000, 8, 8).chunk("data", 0),
                ": has WAV format 7 (µ-law, 8 bits), expected 1 (PCM, 1 to 64 bits) or 3 (float, 32 or 64 bits)");
        refused(Wav.riff(40).format(1, 1, 8000, 65).chunk("data", 0),
                ": has WAV format 1 (65 bits), expected 1 (PCM, 1 to 64 bits) or 3 (float, 32 or 64 bits)");
        refused(Wav.riff(40).format(1, 2, 8000, 16, 5).chunk("data", 0),
                ": has frames of 5 bytes, expected 4 for 2 channels of 16 bits");
        refused(Wav.riff(40).format(1, 1, 8000, 16, 9).chunk("data", 0),
                ": has frames of 9 bytes, expected 8 for 1 channels of 16 bits");
        refused(Wav.riff(40).format(1, 1, 8000, 24, 2).chunk("data", 0),
                ": has frames of 2 bytes, expected 3 for 1 channels of 24 bits");
        refused(Wav.rf64("RF64", 40, 4), ": has no 'fmt ' chunk");
        refused(new Wav().ascii("RF64").u32(-1).ascii("WAVEds64").u32(8).u64(1),
                ": file ends inside chunk 'ds64': 8 bytes left, 16 expected");
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

    /** Tags of version 2 stand in front, with their size in 7 bits of each byte, and may have a footer. */
    @Test
    void taggedFiles() throws IOException {
        byte[] flac = Files.readAllBytes(Path.of("src/test/resources/aulos/hifigan/audio/mono8.flac"));
        byte[] wav = Wav.riff(40).format(1, 1, 8000, 16).chunk("data", 2).u16(16384).bytes();
        Wav tags = new Wav().ascii("ID3").raw(4, 0, 0, 0, 0, 1, 2).raw(new int[130]).ascii("ID3").raw(4, 0, 0x10, 0, 0, 0, 3)
                .raw(1, 2, 3).ascii("3DI").raw(4, 0, 0x10, 0, 0, 0, 3);
        for (byte[] tagged : List.of(flac, wav)) {
            byte[] together = Arrays.copyOf(tags.bytes(), tags.bytes().length + tagged.length);
            System.arraycopy(tagged, 0, together, tags.bytes().length, tagged.length);
            assertThat(read(together)).containsExactly(read(tagged));
        }
        refused(new Wav().ascii("ID3").raw(3, 0, 0, 0, 0, 0, 1, 9, 0xff, 0xfb, 0x90, 'd'),
                ": is neither WAV nor FLAC: it begins with an ID3 tag and '???d'");
        refused(new Wav().ascii("ID3").raw(3, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f),
                ": file ends inside an ID3 tag: 10 bytes left, 268435465 expected");
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
        damagedAnywhere(Wav.riff(86).chunk("LIST", 4).u32(7).extensible(3, 2, 8000, 32, 32).chunk("data", 16)
                .f32(1).f32(2).f32(3).f32(4).bytes());
        damagedAnywhere(Wav.rf64("RF64", 100, 14).format(1, 2, 8000, 56).chunk("data", 0xffff_ffffL).u64(5).u32(6).u16(7)
                .bytes());
    }

    private void damagedAnywhere(byte[] whole) throws IOException {
        Random random = new Random(1);
        for (int run = 0; run < 1000; run++) {
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

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.hifigan.train.log.EventFile.Message;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWriterTest {
    @TempDir
    private Path folder;

    @Test
    void scalars() throws IOException {
        double before = System.currentTimeMillis() / 1e3;
        try (EventWriter writer = new EventWriter(folder.resolve("logs"))) {
            writer.scalar("training/gen_loss_total", 0, 91.25);
            writer.scalar("validation/mel_spec_error", 3_000_000_000L, 0.5);
            writer.flush();
            List<Message> events = EventFile.read(writer.file());
            assertThat(events).hasSize(3);
            assertThat(events.get(0).text(3)).isEqualTo("brain.Event:2");
            assertThat((Double) events.get(1).fields().get(1)).isBetween(before, before + 60);
            assertThat(events.get(1).integer(2)).isZero();
            Message first = events.get(1).message(5).message(1);
            assertThat(first.text(1)).isEqualTo("training/gen_loss_total");
            assertThat(first.float32(2)).isEqualTo(91.25f);
            assertThat(events.get(2).integer(2)).isEqualTo(3_000_000_000L);
            assertThat(events.get(2).message(5).message(1).float32(2)).isEqualTo(0.5f);
        }
    }

    @Test
    void audioIsAWavFileOf16Bits() throws Exception {
        Path file;
        try (EventWriter writer = new EventWriter(folder)) {
            file = writer.file();
            writer.audio("generated/y_hat_0", 7, new float[] {0, 0.5f, -0.25f, 1, -1.5f}, 22_050);
            assertThatThrownBy(() -> writer.audio("a", 8, new float[] {0, Float.NaN}, 22_050))
                    .hasMessage("event audio a: sample 1 is NaN, expected a finite value");
        }
        Message value = EventFile.read(file).get(1).message(5).message(1);
        Message audio = value.message(6);
        assertThat(value.text(1)).isEqualTo("generated/y_hat_0");
        assertThat(audio.float32(1)).isEqualTo(22_050);
        assertThat(audio.integer(2)).isEqualTo(1);
        assertThat(audio.integer(3)).isEqualTo(5);
        assertThat(audio.text(5)).isEqualTo("audio/wav");
        try (AudioInputStream wav = AudioSystem.getAudioInputStream(new ByteArrayInputStream(audio.bytes(4)))) {
            assertThat(wav.getFormat().getSampleRate()).isEqualTo(22_050);
            assertThat(wav.getFormat().isBigEndian()).isFalse();
            assertThat(wav.readAllBytes())
                    .containsExactly(0, 0, 0, 0x40, 0, 0xe0, 0xff, 0x7f, 0x01, 0x80);
        }
    }

    @Test
    void imagesArePng() throws IOException {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        image.setRGB(2, 1, 0x123456);
        Path file;
        try (EventWriter writer = new EventWriter(folder)) {
            file = writer.file();
            writer.image("gt/y_spec_0", 1, image);
        }
        Message value = EventFile.read(file).get(1).message(5).message(1).message(4);
        assertThat(List.of(value.integer(1), value.integer(2), value.integer(3))).containsExactly(2L, 3L, 3L);
        BufferedImage back = ImageIO.read(new ByteArrayInputStream(value.bytes(4)));
        assertThat(back.getRGB(2, 1) & 0xffffff).isEqualTo(0x123456);
    }

    @Test
    void eachWriterHasItsOwnFile() throws IOException {
        try (EventWriter first = new EventWriter(folder); EventWriter second = new EventWriter(folder)) {
            assertThat(first.file()).isNotEqualTo(second.file());
            assertThat(first.file().getFileName().toString()).matches("events\\.out\\.tfevents\\.\\d{10}\\..+");
        }
    }

    @Test
    void namesAFolderThatCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("taken"));
        assertThatThrownBy(() -> new EventWriter(file)).isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }

    /** The check value of CRC-32C, without which the parser's own checks would mean little. */
    @Test
    void checksum() {
        assertThat(EventFile.crc("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xe3069283);
    }
}

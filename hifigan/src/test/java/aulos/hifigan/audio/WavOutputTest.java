// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WavOutputTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void sendsTheBytesOfTheFile(Encoding encoding) throws IOException {
        float[] samples = new float[20_001];
        Random random = new Random(1);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = random.nextFloat(-1.2f, 1.2f);
        }
        Path file = folder.resolve("x.wav");
        try (WavWriter writer = WavWriter.create(file, 16_000, encoding)) {
            writer.write(samples, 0, samples.length);
            writer.commit();
        }
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        WavOutput output = new WavOutput(sent, 16_000, encoding, samples.length);
        output.write(Arrays.copyOf(samples, 7));
        assertThat(sent.size()).as("sent at once").isEqualTo(WavOutput.bytes(encoding, 0) + 7 * encoding.bytes());
        output.write(Arrays.copyOfRange(samples, 7, samples.length));
        assertThat(sent.toByteArray()).isEqualTo(Files.readAllBytes(file));
        assertThat(sent.size()).isEqualTo((int) WavOutput.bytes(encoding, samples.length));
        assertThatThrownBy(() -> output.write(new float[1])).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("WAV file: 1 samples after 20001, expected 20001 in all");
    }

    @Test
    void refusesWhatNoHeaderCanTell() {
        assertThatThrownBy(() -> new WavOutput(OutputStream.nullOutputStream(), 16_000, Encoding.PCM16, 1L << 31))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("expected 0 to 4 GiB");
    }
}

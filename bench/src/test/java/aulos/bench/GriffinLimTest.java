// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GriffinLimTest {
    private static final MelConfig CONFIG = new MelConfig(40, 256, 64, 256, 8000, 0, 3500);

    @TempDir
    private Path folder;

    /** A buzz whose pitch glides from 120 to 180 Hz, one second. */
    private static float[] voice(int rate) {
        float[] samples = new float[rate];
        double phase = 0;
        for (int i = 0; i < rate; i++) {
            phase += (120 + 60.0 * i / rate) / rate;
            samples[i] = (float) (0.3 * (2 * (phase % 1) - 1));
        }
        return samples;
    }

    private static double melError(MelSpectrogram mel, float[] a, float[] b) {
        NdArray first = mel.ofClip(a);
        NdArray second = mel.ofClip(b);
        double sum = 0;
        for (int i = 0; i < first.shape().size(); i++) {
            sum += Math.abs(first.get(i) - second.get(i));
        }
        return sum / first.shape().size();
    }

    @Test
    void theMoreIterationsTheCloser() {
        try (Backend backend = Backends.open("cpu"); MelSpectrogram mel = new MelSpectrogram(CONFIG, backend)) {
            float[] voice = voice(8000);
            NdArray mels = mel.ofClip(voice);
            GriffinLim griffinLim = new GriffinLim(CONFIG);
            double random = melError(mel, voice, griffinLim.vocode(mels, 0));
            double ten = melError(mel, voice, griffinLim.vocode(mels, 10));
            double sixty = melError(mel, voice, griffinLim.vocode(mels, 60));
            assertThat(ten).isLessThan(0.6 * random);
            assertThat(sixty).isLessThan(ten).isLessThan(0.15);
            assertThat(griffinLim.vocode(mels, 3)).hasSize(mels.shape().dim(1) * 64)
                    .isEqualTo(new GriffinLim(CONFIG).vocode(mels, 3));
        }
    }

    @Test
    void inversionGivesTheMelsBack() {
        MelInversion inversion = new MelInversion(CONFIG);
        double[] spectrum = new double[129];
        for (int k = 0; k < spectrum.length; k++) {
            spectrum[k] = k % 7 == 0 ? 3 : 0.1 + 0.01 * k;
        }
        double[] mels = inversion.apply(spectrum);
        double[] logMels = new double[mels.length];
        for (int m = 0; m < mels.length; m++) {
            logMels[m] = Math.log(mels[m]);
        }
        double[] found = inversion.magnitudes(NdArray.of(Shape.of(40, 1), logMels), 0);
        double[] again = inversion.apply(found);
        for (int m = 0; m < mels.length; m++) {
            assertThat(again[m]).isCloseTo(mels[m], within(0.02 * mels[m]));
        }
        for (int k = 0; k < found.length; k++) {
            assertThat(found[k]).isNotNegative();
            if (k * 8000 / 256.0 > 3500) {
                assertThat(found[k]).isZero();
            }
        }
    }

    @Test
    void refusesWhatItCannotVocode() {
        assertThatThrownBy(() -> new GriffinLim(CONFIG).vocode(NdArray.of(Shape.of(2, 1), 0f, 0f), 1))
                .hasMessage("Griffin-Lim: mel has shape [2,1], expected [40,frames]");
        assertThatThrownBy(() -> new GriffinLim(new MelConfig(4, 25, 5, 25, 8000, 0, 4000)))
                .hasMessage("Griffin-Lim: n_fft is 25, expected an even one");
    }

    @Test
    void vocodesAFolder() throws IOException {
        float[] voice = voice(22_050);
        try (WavWriter writer = WavWriter.create(folder.resolve("a.wav"), 22_050, Encoding.PCM16)) {
            writer.write(voice, 0, voice.length);
            writer.commit();
        }
        Path out = folder.resolve("out");
        StringWriter err = new StringWriter();
        CommandLine line = Bench.commandLine().setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true));
        int status = line.execute(
                "griffin-lim", "--wavs", folder.toString(), "--out", out.toString(), "--iterations", "1");
        assertThat(status).as(err.toString()).isZero();
        Audio audio = AudioFile.read(out.resolve("a_generated.wav"), 22_050);
        assertThat(audio.samples()).hasSize(22_050 / 256 * 256);
        assertThat(line.execute("griffin-lim", "--wavs", out.resolve("a_generated.wav").toString(), "--out", "x")).isEqualTo(1);
        assertThat(err.toString()).endsWith("a_generated.wav: is not a folder" + System.lineSeparator());
        assertThat(line.execute("griffin-lim", "--wavs", "x", "--out", "x", "--iterations", "-1")).isEqualTo(2);
        assertThat(Files.exists(Path.of("x"))).isFalse();
    }
}

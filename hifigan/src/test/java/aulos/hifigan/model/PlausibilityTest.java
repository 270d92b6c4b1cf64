// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.audio.AudioFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** No false alarm on recordings and on what else natural-log mels may be; none missed of what programs make instead. */
class PlausibilityTest {
    private static final Path DATA = Path.of("../../shared/data");
    private static final int RATE = 22_050;

    private static Backend backend;
    private static MelSpectrogram spectrogram;

    @BeforeAll
    static void open() {
        backend = Backends.open("cpu");
        spectrogram = new MelSpectrogram(HifiGanConfig.V1.mel(), backend);
    }

    @AfterAll
    static void close() {
        spectrogram.close();
        backend.close();
    }

    private static NdArray mel(float[] samples) {
        return spectrogram.ofClip(samples);
    }

    private static NdArray of(NdArray mel, DoubleUnaryOperator change) {
        return NdArray.of(mel.shape(), Arrays.stream(mel.doubles()).map(change).toArray());
    }

    /**
     * Something that another program makes.
     *
     * @param change of the natural logarithm x of a mel
     * @param guess part of what has to be said of it
     */
    private record Kind(DoubleUnaryOperator change, String guess) {}

    /** Of every program that was looked at. */
    private static List<Kind> otherKinds() {
        double ten = Math.log(10);
        DoubleUnaryOperator decibels = x -> Math.max(-100, 20 * x / ten);
        DoubleUnaryOperator unit = x -> Math.clamp((decibels.applyAsDouble(x) - 20 + 100) / 100, 0, 1);
        return List.of(
                new Kind(decibels, "decibels"), new Kind(x -> decibels.applyAsDouble(x) - 20, "decibels"),
                new Kind(x -> 2 * x, "the logarithm of power"), new Kind(x -> x / ten, "base 10"),
                new Kind(unit, "normalised to between 0 and 1"), new Kind(x -> 8 * unit.applyAsDouble(x) - 4, "normalised"),
                new Kind(x -> 4 * unit.applyAsDouble(x), "normalised"),
                new Kind(x -> 2 * unit.applyAsDouble(x) - 1, "normalised"), new Kind(Math::exp, "no logarithms"),
                new Kind(x -> x + Math.log(32768), "beyond full scale"),
                new Kind(x -> Math.exp(x) * 32768, "no logarithms, and of samples beyond full scale"),
                new Kind(x -> (x + 5.5) / 2.1, "normalised"));
    }

    @Test
    void recordingsAreWhatTheyAreAndOtherKindsAreNot() throws IOException {
        List<Path> clips = new ArrayList<>();
        if (Files.isDirectory(DATA)) {
            for (String voice : List.of("kerstin/wavs", "ljspeech/wavs")) {
                try (Stream<Path> files = Files.list(DATA.resolve(voice))) {
                    files.sorted().filter(file -> file.toString().hashCode() % 20 == 0).forEach(clips::add);
                }
            }
        } else {
            System.err.println("SKIPPED: no recordings in " + DATA.toAbsolutePath().normalize());
        }
        clips.add(Path.of("src/main/resources/aulos/demo/clip.flac"));
        for (Path clip : clips) {
            NdArray mel = mel(AudioFile.read(clip, RATE).samples());
            assertThat(Plausibility.ofMel(mel)).as(clip.toString()).isEmpty();
            assertThat(Plausibility.ofMel(of(mel, x -> x - 3))).as(clip + ", very quiet").isEmpty();
            assertThat(Plausibility.ofMel(of(mel, x -> x + 0.4 * Math.sin(1e4 * x)))).as(clip + ", predicted").isEmpty();
            for (Kind kind : otherKinds()) {
                // The server puts it into a header, which takes ASCII only.
                assertThat(Plausibility.ofMel(of(mel, kind.change))).as(clip.toString()).get().asString()
                        .contains(kind.guess).isASCII();
            }
        }
    }

    @Test
    void silenceNoiseAndTonesAreWhatTheyAre() {
        Random random = new Random(1);
        float[] sounds = new float[RATE];
        assertThat(Plausibility.ofMel(mel(sounds))).as("silence").isEmpty();
        for (double level : new double[] {1, 0.1, 1e-3, 1e-5}) {
            float[] noise = new float[RATE];
            float[] tone = new float[RATE];
            float[] square = new float[RATE];
            for (int i = 0; i < RATE; i++) {
                noise[i] = (float) (level * random.nextFloat(-0.5f, 0.5f));
                tone[i] = (float) (level * Math.sin(i * 0.2));
                square[i] = (float) (i / 50 % 2 == 0 ? level : -level);
            }
            for (float[] sound : new float[][] {noise, tone, square, Arrays.copyOf(noise, 4000), pink(random, level)}) {
                assertThat(Plausibility.ofMel(mel(sound))).as("level " + level).isEmpty();
            }
        }
    }

    /** Noise that loses 3 dB with each octave (P. Kellet's filter), with a peak of {@code level}. */
    private static float[] pink(Random random, double level) {
        float[] noise = new float[RATE];
        double[] poles = {0.99765, 0.963, 0.57};
        double[] gains = {0.099046, 0.2965164, 1.0526913};
        double[] states = new double[3];
        double peak = 0;
        for (int i = 0; i < noise.length; i++) {
            double white = random.nextGaussian();
            double sum = 0.1848 * white;
            for (int p = 0; p < 3; p++) {
                states[p] = poles[p] * states[p] + gains[p] * white;
                sum += states[p];
            }
            noise[i] = (float) sum;
            peak = Math.max(peak, Math.abs(sum));
        }
        for (int i = 0; i < noise.length; i++) {
            noise[i] *= (float) (level / peak);
        }
        return noise;
    }

    @Test
    void saysWhatItFound() {
        NdArray zeros = NdArray.of(Shape.of(80, 20), new float[1600]);
        assertThat(Plausibility.ofMel(zeros)).hasValue("mels from 0.00 to 0.00 can hardly be natural logarithms, which "
                + "go from -11.51 (silence, ln 1e-5) to about 3: normalised to between 0 and 1, perhaps, or no logarithms");
        assertThat(Plausibility.ofAudio(new float[] {0.5f, -32768})).hasValue("samples reach 32768, expected at most 1 "
                + "at full scale: integers that were not divided, perhaps");
        assertThat(Plausibility.ofAudio(new float[] {1.2f, -1.5f})).isEmpty();
        assertThat(Plausibility.ofAudio(new float[] {Float.NaN})).isEmpty();
        assertThat(Plausibility.isTransposed(Shape.of(100, 80), 80)).isTrue();
        assertThat(Plausibility.isTransposed(Shape.of(1, 100, 80), 80)).isTrue();
        assertThat(Plausibility.isTransposed(Shape.of(80, 80), 80)).isFalse();
        assertThat(Plausibility.isTransposed(Shape.of(80, 100), 80)).isFalse();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.hifigan.testing.Close;
import aulos.hifigan.testing.Golden;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MelSpectrogramTest {
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "opencl"})
    void matchesGoldenMels(String device) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder("mel").resolve("config.json"));
        Map<String, NdArray> golden = Golden.values("mel");
        try (Backend backend = TestDevice.open(device); Scope scope = Scope.open();
                MelSpectrogram input = new MelSpectrogram(config.mel(), backend);
                MelSpectrogram loss = new MelSpectrogram(config.mel(), config.mel().nyquist(), backend)) {
            double bound = backend.isDouble() ? 1e-6 : 1e-3;
            Tensor audio = Tensor.of(backend, golden.get("audio"));
            assertThat(Close.maxError(input.forward(audio).toArray(), golden.get("mel_fmax8000"))).isLessThan(bound);
            assertThat(Close.maxError(loss.forward(audio).toArray(), golden.get("mel_fmax_none"))).isLessThan(bound);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "opencl"})
    void matchesGoldenGradientAtAnotherRate(String device) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder("mel_hires").resolve("config.json"));
        Map<String, NdArray> golden = Golden.values("mel_hires");
        try (Backend backend = TestDevice.open(device); Scope scope = Scope.open(); Tape tape = Tape.open();
                MelSpectrogram mel = new MelSpectrogram(config.mel(), backend)) {
            Tensor audio = Tensor.of(backend, golden.get("audio"));
            Tensor result = mel.forward(audio);
            assertThat(Close.maxError(result.toArray(), golden.get("mel")))
                    .isLessThan(backend.isDouble() ? 1e-6 : 1e-3);
            Tensor gradient = tape.gradients(result, Tensor.of(backend, golden.get("upstream")), List.of(audio))
                    .of(audio);
            assertThat(Close.relativeError(gradient.toArray(), golden.get("audio_grad")))
                    .isLessThan(backend.isDouble() ? 1e-6 : 1e-4);
        }
    }

    @Test
    void clipInChunksIsTheClipInOnePiece() {
        MelConfig config = new MelConfig(20, 64, 16, 48, 8000, 0, 4000);
        SplittableRandom random = new SplittableRandom(3);
        float[] samples = new float[16 * 1100 + 5];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) random.nextDouble(-1, 1);
        }
        try (Backend backend = Backends.open("cpu"); Scope scope = Scope.open();
                MelSpectrogram mel = new MelSpectrogram(config, backend)) {
            Tensor audio = Tensor.of(backend, NdArray.of(Shape.of(1, samples.length), samples));
            NdArray whole = mel.forward(audio).toArray();
            assertThat(whole.shape()).isEqualTo(Shape.of(1, 20, 1100));
            assertThat(mel.ofClip(samples).floats()).isEqualTo(whole.floats());
        }
    }

    /** From only the samples that it asks for. */
    @ParameterizedTest
    @ValueSource(ints = {16 * 1100 + 5, 16 * 1100, 16 * 1536, 16 * 512 + 15, 400})
    void partOfAClipIsThoseFramesOfTheClip(int length) {
        MelConfig config = new MelConfig(20, 64, 16, 48, 8000, 0, 4000);
        SplittableRandom random = new SplittableRandom(4);
        float[] samples = new float[length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) random.nextDouble(-1, 1);
        }
        try (Backend backend = Backends.open("cpu"); MelSpectrogram mel = new MelSpectrogram(config, backend)) {
            NdArray whole = mel.ofClip(samples);
            int frames = whole.shape().dim(1);
            for (int first : new int[] {0, 1, 511, 512, 700, 1024, frames - 1}) {
                for (int end : new int[] {first + 1, 512, 1000, frames - 1, frames}) {
                    if (first < frames && first < end && end <= frames) {
                        int begin = (int) mel.partBegin(first);
                        float[] needed = Arrays.copyOfRange(samples, begin, (int) mel.partEnd(end, length));
                        NdArray part = mel.ofPart(new MelSpectrogram.Part(needed, begin, length), first, end - first);
                        for (int band = 0; band < 20; band++) {
                            for (int frame = first; frame < end; frame++) {
                                assertThat(part.get(band * (end - first) + frame - first))
                                        .isEqualTo(whole.get(band * frames + frame));
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void refusesClipsThatAreTooShort() {
        try (Backend backend = Backends.open("reference");
                MelSpectrogram mel = new MelSpectrogram(HifiGanConfig.V1.mel(), backend)) {
            assertThatThrownBy(() -> mel.ofClip(new float[384])).hasMessage("mel: a clip of 384 samples is too short,"
                    + " expected at least 385 for n_fft 1024 and hop_size 256");
            assertThat(mel.ofClip(new float[385]).shape()).isEqualTo(Shape.of(80, 1));
        }
    }
}

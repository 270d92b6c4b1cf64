// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.TestDevice;
import aulos.engine.io.Npy;
import aulos.engine.io.Safetensors;
import aulos.hifigan.testing.Close;
import aulos.hifigan.testing.Golden;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoint files as the official training writes them, against the audio that the official code makes of them. */
class CheckpointGoldenTest {
    @ParameterizedTest
    @CsvSource({"g_00000004, cpu", "g_00000004, reference", "g_00000004, opencl", "g_legacy, cpu",
        "g_legacy, reference"})
    void givesTheOfficialAudio(String checkpoint, String device) throws IOException {
        Path folder = Golden.folder("checkpoints");
        NdArray expected = Safetensors.read(folder.resolve("expected_audio.safetensors")).values().iterator().next();
        Voice voice = Voice.load(folder.resolve(checkpoint));
        try (Backend backend = TestDevice.open(device);
                Vocoder vocoder = new Vocoder(voice.config(), voice.weights(), backend)) {
            float[] audio = Recorded.of(vocoder, Npy.read(folder.resolve("mel.npy")));
            NdArray actual = NdArray.of(Shape.of(audio.length), audio);
            NdArray flat = expected.reshape(Shape.of(expected.shape().size()));
            if (backend.isDouble()) {
                assertThat(Close.relativeError(actual, flat)).isLessThan(1e-6);
            } else {
                assertThat(Close.maxError(actual, flat)).isLessThan(1e-6);
            }
        }
    }
}

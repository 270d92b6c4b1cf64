// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import java.io.IOException;
import java.nio.file.Path;

/** The least program that vocodes with ONNX Runtime. Arguments: model, mel (.npy), WAV, sampling rate, threads. */
final class OnnxRuntimeProcess {
    private OnnxRuntimeProcess() {}

    public static void main(String[] args) throws IOException {
        NdArray mel = Npy.read(Path.of(args[1]));
        try (OnnxRuntimeSynthesis onnx = new OnnxRuntimeSynthesis(
                        Path.of(args[0]), mel.shape().dim(0), Integer.parseInt(args[4]));
                WavWriter wav = WavWriter.create(Path.of(args[2]), Integer.parseInt(args[3]), Encoding.PCM16)) {
            float[] audio = onnx.audio(mel.floats());
            wav.write(audio, 0, audio.length);
            wav.commit();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** An exported generator in ONNX Runtime, on the CPU with all its optimisations. */
final class OnnxRuntimeSynthesis implements Synthesis, AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final int mels;

    OnnxRuntimeSynthesis(Path model, int mels, int threads) {
        this.mels = mels;
        try (SessionOptions options = new SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            session = environment.createSession(model.toString(), options);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime: " + model + ": " + e.getMessage(), e);
        }
    }

    /** ONNX Runtime's version, as in {@code 1.26.0}. */
    String version() {
        return environment.getVersion();
    }

    @Override
    public float[] audio(float[] mel) {
        return audio(mel, 1);
    }

    /** As {@link #audio(float[])}, for {@code batch} mels one after the other. */
    float[] audio(float[] mel, int batch) {
        long[] shape = {batch, mels, mel.length / mels / batch};
        try (OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(mel), shape);
                OrtSession.Result result = session.run(Map.of("mel", input))) {
            FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] audio = new float[buffer.remaining()];
            buffer.get(audio);
            return audio;
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
        }
    }
}

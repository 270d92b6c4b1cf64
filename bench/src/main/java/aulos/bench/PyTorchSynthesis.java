// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import aulos.engine.NdArray;
import aulos.hifigan.model.HifiGanConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Map;

/** A generator in PyTorch, on the CPU, compiled by TorchScript; through DJL, whose native library may be absent. */
final class PyTorchSynthesis implements Synthesis, AutoCloseable {
    private static final String NATIVE = "native/lib/pytorch.properties";

    private final int mels;
    private final ai.djl.engine.Engine engine;
    private final PtNDManager manager;
    private final PtSymbolBlock module;
    private final PtNDArray[] weights;

    /** @throws IOException if PyTorch's native library is not on the class path */
    PyTorchSynthesis(HifiGanConfig config, Map<String, NdArray> folded, int threads) throws IOException {
        if (PyTorchSynthesis.class.getClassLoader().getResource(NATIVE) == null) {
            throw new IOException("PyTorch's native library is not on the class path: './aulos bench peers --pytorch' "
                    + "fetches it, or Maven with -Ppytorch");
        }
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.setProperty("ai.djl.offline", "true");
        mels = config.mel().mels();
        try {
            engine = ai.djl.engine.Engine.getEngine("PyTorch");
            JniUtils.setNumThreads(threads);
            manager = (PtNDManager) engine.newBaseManager();
            module = JniUtils.loadModule(manager, new ByteArrayInputStream(PyTorchScript.archive(config)), false, false);
            weights = folded.values().stream().map(this::tensor).toArray(PtNDArray[]::new);
        } catch (EngineException e) {
            throw new IOException("PyTorch: " + e.getMessage(), e);
        }
    }

    /** PyTorch's version, as in {@code 2.7.1}. */
    String version() {
        return engine.getVersion();
    }

    private PtNDArray tensor(NdArray array) {
        return tensor(manager, array.floats(), array.shape().dims());
    }

    private static PtNDArray tensor(PtNDManager manager, float[] values, int... dims) {
        long[] shape = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            shape[i] = dims[i];
        }
        return manager.create(FloatBuffer.wrap(values), new Shape(shape), DataType.FLOAT32);
    }

    @Override
    public float[] audio(float[] mel) {
        try (PtNDManager scope = (PtNDManager) manager.newSubManager();
                IValue input = IValue.from(tensor(scope, mel, 1, mels, mel.length / mels));
                IValue parameters = IValue.listFrom(weights);
                IValue output = module.forward(input, parameters)) {
            return output.toTensor(scope).toFloatArray();
        }
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}

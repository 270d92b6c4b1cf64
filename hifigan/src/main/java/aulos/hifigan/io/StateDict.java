// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The weights of a generator by name, as in {@code ups.0.weight_v}. */
public final class StateDict {
    private static final String GENERATOR = "generator";
    private static final int KEYS_SHOWN = 8;

    private StateDict() {
    }

    /**
     * Reads the weights from a {@code g_} checkpoint of HiFi-GAN, from any other PyTorch file that is nothing but a
     * state dict, or from a safetensors file. What the file is, its content tells, not its name.
     *
     * @return the arrays in the file's order, float32 unless the file holds float64 or integers
     * @throws IOException if the file cannot be read or holds no generator; then the message lists what it does hold
     */
    public static Map<String, NdArray> fromCheckpoint(Path path) throws IOException {
        return InputFile.read(path, file -> {
            return switch (Container.of(file)) {
                case SAFETENSORS -> Safetensors.read(file);
                case ZIP, LEGACY -> arrays(PyTorchFile.read(file, StateDict::generator));
                case NPY, UNKNOWN -> throw new IOException(file.size() == 0 ? "the file is empty"
                        : "neither a PyTorch checkpoint nor a safetensors file");
            };
        });
    }

    /** Chosen before tensors are read: a {@code do_} file is refused without reading its gigabyte. */
    private static Object generator(Object raw) throws IOException {
        if (!(raw instanceof Map<?, ?> map)) {
            throw new IOException("the checkpoint is not a dict of names and values");
        }
        if (map.get(GENERATOR) instanceof Map<?, ?> generator) {
            return generator;
        }
        if (!map.isEmpty() && map.values().stream().allMatch(TensorView.class::isInstance)) {
            return map;
        }
        String keys = map.keySet().stream().limit(KEYS_SHOWN).map(String::valueOf).map(InputFile::quote)
                .collect(Collectors.joining(", ", "holds ", map.size() > KEYS_SHOWN ? ", …" : ""));
        throw new IOException("the checkpoint " + (map.isEmpty() ? "is empty" : keys) + ", expected 'generator'"
                + (map.containsKey("optim_g") ? ": this is the do_ file of discriminators and optimisers, "
                        + "the weights are in the g_ file beside it" : ""));
    }

    private static Map<String, NdArray> arrays(Object generator) throws IOException {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) generator).entrySet()) {
            if (!(entry.getKey() instanceof String name) || !(entry.getValue() instanceof NdArray array)) {
                throw new IOException("the generator's " + InputFile.quote(String.valueOf(entry.getKey()))
                        + " is not a tensor with a name");
            }
            arrays.put(name, array);
        }
        return arrays;
    }
}

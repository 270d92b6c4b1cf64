// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.io.Container;
import aulos.engine.io.InputFile;
import aulos.engine.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The weights of a generator by name, as in {@code ups.0.weight_v}. */
public final class StateDict {
    private StateDict() {
    }

    /**
     * Reads the weights from a {@code g_} checkpoint of HiFi-GAN, from any other PyTorch or safetensors file with one
     * dict that holds a {@code conv_pre}, however deep, or from a state dict whose names all have the same prefix. What
     * the file is, its content tells, not its name.
     *
     * <p>Of several generators it takes the one where the official code puts it, in {@code generator}.
     *
     * @return the arrays in the file's order, float32 unless the file holds float64 or integers
     * @throws IOException if the file cannot be read or holds no generator; then the message lists what it does hold
     */
    public static Map<String, NdArray> fromCheckpoint(Path path) throws IOException {
        return fromCheckpoint(path, _ -> { });
    }

    /**
     * As above.
     *
     * @param say takes a line for people if the file holds more generators than the one that is taken
     */
    public static Map<String, NdArray> fromCheckpoint(Path path, Consumer<String> say) throws IOException {
        return InputFile.read(path, file -> {
            Consumer<String> note = text -> say.accept(path + ": " + text);
            return switch (Container.of(file)) {
                case SAFETENSORS -> arrays(generator(Safetensors.read(file), note));
                case ZIP, LEGACY -> arrays(PyTorchFile.read(file, raw -> generator(raw, note)));
                case NPZ -> throw new IOException(
                        "a NumPy .npz archive, expected a PyTorch checkpoint or a safetensors file");
                case NPY, UNKNOWN -> throw new IOException(file.size() == 0 ? "the file is empty"
                        : "neither a PyTorch checkpoint nor a safetensors file");
            };
        });
    }

    /** Chosen before tensors are read: a {@code do_} file is refused without reading its gigabyte. */
    private static Map<Object, Object> generator(Object raw, Consumer<String> note) throws IOException {
        if (!(raw instanceof Map<?, ?> map)) {
            throw new IOException("the checkpoint is not a dict of names and values");
        }
        GeneratorSearch search = GeneratorSearch.only(map);
        if (search.note() != null) {
            note.accept(search.note());
        }
        return search.chosen().entries();
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

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.AtomicFile;
import aulos.engine.io.Container;
import aulos.engine.io.InputFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Files of {@code torch.save} and {@code torch.load}, as trees of values. The containers are described in PyTorch's
 * {@code torch/serialization.py}: a zip archive since PyTorch 1.6, before that a sequence of pickles followed by raw
 * data.
 *
 * <table>
 * <caption>Values of a tree</caption>
 * <tr><th>Python</th><th>Java</th></tr>
 * <tr><td>OrderedDict</td><td>{@link OrderedDict}</td></tr>
 * <tr><td>dict, defaultdict</td><td>{@link java.util.LinkedHashMap}</td></tr>
 * <tr><td>tuple, torch.Size</td><td>{@link PyTuple}</td></tr>
 * <tr><td>list</td><td>{@link java.util.ArrayList}</td></tr>
 * <tr><td>tensor, parameter</td><td>{@link NdArray}: float32 for float16, bfloat16 and float32, else float64</td></tr>
 * <tr><td>int, float, bool, str, None</td><td>Long, Double, Boolean, String, null</td></tr>
 * </table>
 */
public final class PyTorchFile {
    private PyTorchFile() {
    }

    /** Picks the part of a tree that is wanted, before any tensor is read: tensors are still {@link TensorView}s. */
    @FunctionalInterface
    interface Selection {
        Object select(Object raw) throws IOException;
    }

    /**
     * Reads either container, on whatever device its tensors were. Nothing that the file asks for is executed.
     *
     * @return a tree as in the table above; nodes that are shared in the file are shared here
     * @throws IOException if the file cannot be read, is no such file, is damaged, or holds what the table does not
     *     list
     */
    public static Object read(Path path) throws IOException {
        return InputFile.read(path, file -> read(file, raw -> raw));
    }

    static Object read(InputFile file, Selection selection) throws IOException {
        return switch (Container.of(file)) {
            case ZIP, NPZ -> ZipContainer.read(file, selection);
            case LEGACY -> LegacyContainer.read(file, selection);
            case SAFETENSORS, NPY, UNKNOWN -> throw new IOException(file.size() == 0 ? "the file is empty"
                    : "not a PyTorch file: it starts neither like a zip archive nor like the container before PyTorch 1.6");
        };
    }

    /**
     * Writes a tree as {@code torch.save} would, in a zip archive that PyTorch 1.6 and newer read, with
     * {@code weights_only=True} too (which in PyTorch 1.13 knows no float outside of tensors, not even its own). Tensors
     * that share their values are stored once.
     *
     * @param tree any {@link java.util.Map} other than an {@link OrderedDict} becomes a dict, any {@link
     *     java.util.List} other than a {@link PyTuple} a list; see the table above
     * @throws IllegalArgumentException if the tree holds anything else, naming it
     * @throws IOException if the file cannot be written; then nothing is left behind
     */
    public static void write(Path path, Object tree) throws IOException {
        Pickler pickler = new Pickler();
        byte[] pickle = pickler.dump(tree);
        AtomicFile.writeDurably(path, out -> ZipWriter.write(out, pickle, pickler.storages()));
    }

    /** The shape of a storage of {@code elements} elements, at least one. */
    static Shape flat(Storage storage) {
        return Shape.of((int) storage.elements());
    }
}

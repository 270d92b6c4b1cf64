// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.io.Container;
import aulos.engine.io.InputFile;
import aulos.engine.io.SafetensorsHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a checkpoint says that it holds, told without reading its tensors, of which a {@code do_} file has a gigabyte.
 *
 * @param container of the file
 * @param parts the top-level dicts that hold tensors, such as {@code generator} or {@code mpd}; tensors that are in no
 *     dict are the part with the empty name
 * @param generator where in it there is a generator, and how large that is; null if there is none, or several
 *     of which none is in {@code generator}
 * @param values the top-level numbers and texts, such as {@code steps}: Long, Double or String
 */
public record CheckpointContents(
        Container container, Map<String, Part> parts, Generator generator, Map<String, Object> values) {
    private static final int MAX_DEPTH = 100;

    /**
     * A generator.
     *
     * @param place as in {@code model.model_g}; empty if the file holds nothing else
     * @param note that there are others, for people; or null
     */
    public record Generator(String place, Part part, String note) {}

    /**
     * What is under one name.
     *
     * @param tensors how many, at any depth
     * @param elements of all of them
     * @param weightNorm whether one has the name of a weight norm's gain
     */
    public record Part(long tensors, long elements, boolean weightNorm) {
        private Part with(String name, long size) {
            boolean gain = name.endsWith(".weight_g") || name.endsWith(".parametrizations.weight.original0");
            return new Part(tensors + 1, elements + size, weightNorm || gain);
        }
    }

    /**
     * Reads the description of a PyTorch or safetensors file.
     *
     * @throws IOException if the file cannot be read, is neither, or is damaged
     */
    public static CheckpointContents read(Path path) throws IOException {
        return InputFile.read(path, file -> {
            Container container = Container.of(file);
            CheckpointContents contents =
                    new CheckpointContents(container, new LinkedHashMap<>(), null, new LinkedHashMap<>());
            Generator[] generator = {null};
            switch (container) {
                case SAFETENSORS -> {
                    Map<String, SafetensorsHeader.TensorInfo> tensors = SafetensorsHeader.read(file).tensors();
                    tensors.forEach((name, tensor) -> contents.add("", name, tensor.shape().size()));
                    generator[0] = generator(tensors);
                }
                case ZIP, LEGACY -> PyTorchFile.read(file, raw -> {
                    contents.collect(raw);
                    generator[0] = generator((Map<?, ?>) raw);
                    return null;
                });
                case NPY, NPZ, UNKNOWN -> throw new IOException("neither a PyTorch checkpoint nor a safetensors file");
            }
            return new CheckpointContents(container, contents.parts, generator[0], contents.values);
        });
    }

    private static Generator generator(Map<?, ?> checkpoint) throws IOException {
        GeneratorSearch search = GeneratorSearch.of(checkpoint);
        GeneratorSearch.Found chosen = search.chosen();
        if (chosen == null) {
            return null;
        }
        Part part = new Part(0, 0, false);
        for (Map.Entry<Object, Object> entry : chosen.entries().entrySet()) {
            String name = String.valueOf(entry.getKey());
            part = switch (entry.getValue()) {
                case TensorView tensor -> part.with(name, tensor.shape().size());
                case SafetensorsHeader.TensorInfo tensor -> part.with(name, tensor.shape().size());
                case null, default -> part;
            };
        }
        return new Generator(chosen.place(), part, search.note());
    }

    private void add(String part, String name, long size) {
        parts.put(part, parts.getOrDefault(part, new Part(0, 0, false)).with(name, size));
    }

    private void collect(Object raw) throws IOException {
        if (!(raw instanceof Map<?, ?> map)) {
            throw new IOException("the checkpoint is not a dict of names and values");
        }
        Set<Object> entered = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String name = String.valueOf(entry.getKey());
            if (entry.getValue() instanceof Long || entry.getValue() instanceof Double
                    || entry.getValue() instanceof String) {
                values.put(name, entry.getValue());
            } else {
                String part = entry.getValue() instanceof TensorView ? "" : name;
                collect(part, name, entry.getValue(), entered, 1);
            }
        }
    }

    /** The tree is not known to be one yet, so no node is entered twice. */
    private void collect(String part, String name, Object node, Set<Object> entered, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("the checkpoint is nested deeper than " + MAX_DEPTH);
        }
        if (node instanceof TensorView tensor) {
            tensor.checkBounds();
            add(part, name, tensor.shape().size());
        } else if (node instanceof Map<?, ?> map && entered.add(map)) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                collect(part, String.valueOf(entry.getKey()), entry.getValue(), entered, depth + 1);
            }
        } else if (node instanceof List<?> list && entered.add(list)) {
            for (Object item : list) {
                collect(part, "", item, entered, depth + 1);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Where a model under construction finds its parameters: a state dict, or a random generator. It carries the path to the
 * layer being built; {@link #at} descends.
 */
public final class Weights {

    /** What all paths of one model share. */
    private record Source(Backend backend, Scope owner, Map<String, NdArray> state, SplittableRandom random,
            Set<String> unused) {}

    private final Source source;
    private final String path;
    private final String name;

    private Weights(Source source, String path, String name) {
        this.source = source;
        this.path = path;
        this.name = name;
    }

    /** Parameters from a state dict. {@code owner} will own them. */
    public static Weights of(Backend backend, Scope owner, Map<String, NdArray> state) {
        return new Weights(new Source(backend, owner, state, null, new LinkedHashSet<>(state.keySet())), "", "");
    }

    /** Parameters drawn by each layer's initialisers from one seed. {@code owner} will own them. */
    public static Weights random(Backend backend, Scope owner, long seed) {
        return new Weights(new Source(backend, owner, null, new SplittableRandom(seed), Set.of()), "", "");
    }

    /** The weights of a layer below, as in {@code at("resblocks.0")}. */
    public Weights at(String child) {
        return new Weights(source, path.isEmpty() ? child : path + "." + child, child);
    }

    /** The layer's name within its parent. */
    String name() {
        return name;
    }

    Parameter take(String leaf, Shape shape, Initializer initializer, boolean trainable) {
        String full = path.isEmpty() ? leaf : path + "." + leaf;
        NdArray values = source.state == null ? initializer.draw(shape, source.random) : loaded(full, shape);
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.of(source.backend, values).named(full);
            return new Parameter(full, source.owner.adopt(tensor), source.owner, trainable);
        }
    }

    private NdArray loaded(String full, Shape shape) {
        NdArray values = source.state.get(full);
        if (values == null) {
            throw new IllegalArgumentException("weights: " + full + " " + shape + " is missing among the "
                    + source.state.size() + " entries");
        }
        if (!values.shape().equals(shape)) {
            throw new IllegalArgumentException("weights: " + full + " has shape " + values.shape()
                    + ", the model expects " + shape);
        }
        source.unused.remove(full);
        return values;
    }

    /**
     * To be called when the model is built.
     *
     * @throws IllegalArgumentException if the state dict holds entries that the model did not take
     */
    public void requireAllTaken() {
        if (!source.unused.isEmpty()) {
            List<String> first = source.unused.stream().limit(3).toList();
            throw new IllegalArgumentException("weights: " + source.unused.size()
                    + " entries have no place in the model, among them " + String.join(", ", first));
        }
    }
}

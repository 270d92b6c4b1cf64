// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Where a model under construction finds its parameters: a state dict, or a random generator. It carries the path to the
 * layer being built; {@link #at} descends.
 */
public final class Weights {

    /**
     * What all paths of one model share.
     *
     * @param remaining what no layer has taken yet, so that values on the host live no longer than needed; null: random
     * @param total how many entries there were
     */
    private record Source(
            Backend backend, Scope owner, Map<String, NdArray> remaining, int total, SplittableRandom random) {}

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
        return new Weights(new Source(backend, owner, new LinkedHashMap<>(state), state.size(), null), "", "");
    }

    /** Parameters drawn by each layer's initialisers from one seed. {@code owner} will own them. */
    public static Weights random(Backend backend, Scope owner, long seed) {
        return new Weights(new Source(backend, owner, null, 0, new SplittableRandom(seed)), "", "");
    }

    /** The weights of a layer below, as in {@code at("resblocks.0")}. */
    public Weights at(String child) {
        return new Weights(source, path.isEmpty() ? child : path + "." + child, child);
    }

    /** Where the parameters are. */
    public Backend backend() {
        return source.backend;
    }

    /** The layer's name within its parent. */
    String name() {
        return name;
    }

    Parameter take(String leaf, Shape shape, Initializer initializer, boolean trainable) {
        String full = path.isEmpty() ? leaf : path + "." + leaf;
        NdArray values = source.remaining == null ? initializer.draw(shape, source.random) : loaded(full, shape);
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.of(source.backend, values).named(full);
            return new Parameter(full, source.owner.adopt(tensor), source.owner, trainable);
        }
    }

    private NdArray loaded(String full, Shape shape) {
        NdArray values = source.remaining.remove(full);
        if (values == null) {
            throw new IllegalArgumentException("weights: " + full + " " + shape + " is missing among the "
                    + source.total + " entries");
        }
        if (!values.shape().equals(shape)) {
            throw new IllegalArgumentException("weights: " + full + " has shape " + values.shape()
                    + ", the model expects " + shape);
        }
        return values;
    }

    /**
     * To be called when the model is built.
     *
     * @throws IllegalArgumentException if the state dict holds entries that the model did not take
     */
    public void requireAllTaken() {
        if (source.remaining != null && !source.remaining.isEmpty()) {
            List<String> first = source.remaining.keySet().stream().limit(3).toList();
            throw new IllegalArgumentException("weights: " + source.remaining.size()
                    + " entries have no place in the model, among them " + String.join(", ", first));
        }
    }
}

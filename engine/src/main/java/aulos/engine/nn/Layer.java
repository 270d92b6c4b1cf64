// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A part of a model: its own parameters and the layers it is made of, with the names of the state dict. A layer takes its
 * parameters from the {@link Weights} it is built with, whose owner scope frees them.
 */
public abstract class Layer {
    private final Weights weights;
    private final List<Parameter> own = new ArrayList<>();
    private final List<Layer> children = new ArrayList<>();

    protected Layer(Weights weights) {
        this.weights = weights;
    }

    /** Takes a parameter from the weights this layer is built with, and registers it. */
    protected final Parameter parameter(String name, Shape shape, Initializer initializer) {
        own.add(weights.take(name, shape, initializer, true));
        return own.getLast();
    }

    /** As {@link #parameter}, for state that the layer itself updates and no optimiser trains. */
    protected final Parameter buffer(String name, Shape shape, Initializer initializer) {
        own.add(weights.take(name, shape, initializer, false));
        return own.getLast();
    }

    /** Registers a layer that this one is made of. */
    protected final <L extends Layer> L child(L layer) {
        children.add(layer);
        return layer;
    }

    /** Runs a forward pass in a scope of its own, labelled with this layer's name within its parent. */
    protected final Tensor scoped(Supplier<Tensor> forward) {
        return Tape.labelled(weights.name(), () -> Scope.run(forward));
    }

    /** Runs a forward pass with several results in a scope of its own, labelled likewise. */
    protected final List<Tensor> scopedAll(Supplier<List<Tensor>> forward) {
        return Tape.labelled(weights.name(), () -> {
            try (Scope scope = Scope.open()) {
                List<Tensor> results = forward.get();
                results.forEach(scope::keep);
                return results;
            }
        });
    }

    /** The trainable parameters of this layer and those below, in the order of registration, the official one. */
    public final List<Parameter> parameters() {
        return state().stream().filter(Parameter::trainable).toList();
    }

    /** All that the state dict holds: parameters and buffers of this layer and those below. */
    public final List<Parameter> state() {
        List<Parameter> all = new ArrayList<>(own);
        children.forEach(child -> all.addAll(child.state()));
        return all;
    }

    /** Downloads the state: full name → values. */
    public final Map<String, NdArray> stateDict() {
        Map<String, NdArray> values = new LinkedHashMap<>();
        for (Parameter parameter : state()) {
            values.put(parameter.name(), parameter.tensor().toArray());
        }
        return values;
    }
}

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
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Layer> children = new ArrayList<>();

    protected Layer(Weights weights) {
        this.weights = weights;
    }

    /** Takes a parameter from the weights this layer is built with, and registers it. */
    protected final Tensor parameter(String name, Shape shape, Initializer initializer) {
        Parameter parameter = weights.take(name, shape, initializer);
        parameters.add(parameter);
        return parameter.tensor();
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

    /** All parameters of this layer and those below, in the order of registration, which is the official one. */
    public final List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(parameters);
        children.forEach(child -> all.addAll(child.parameters()));
        return all;
    }

    /** Downloads all parameters: full name → values. */
    public final Map<String, NdArray> stateDict() {
        Map<String, NdArray> state = new LinkedHashMap<>();
        for (Parameter parameter : parameters()) {
            state.put(parameter.name(), parameter.tensor().toArray());
        }
        return state;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import aulos.engine.nn.Layer;
import aulos.engine.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An exponential moving average of a model's weights: ā ← decay·ā + (1 − decay)·w after every step. */
final class MovingAverage implements AutoCloseable {
    private final List<Parameter> parameters;
    private final double decay;
    private final Scope owner = Scope.unattached();
    private final List<Tensor> averages = new ArrayList<>();

    /**
     * @param start the averages to go on from, by name; null: the model's present weights
     * @throws IllegalArgumentException if {@code start} does not fit the model
     */
    MovingAverage(Layer model, double decay, Map<String, NdArray> start) {
        this.parameters = model.parameters();
        this.decay = decay;
        try (Scope scope = Scope.open()) {
            for (Parameter parameter : parameters) {
                Tensor weight = parameter.tensor();
                NdArray value = start == null ? weight.toArray() : start.get(parameter.name());
                if (value == null || !value.shape().equals(weight.shape())) {
                    throw new IllegalArgumentException("moving average of " + parameter.name() + ": "
                            + (value == null ? "is missing" : "has shape " + value.shape()) + ", expected "
                            + weight.shape());
                }
                averages.add(owner.adopt(Tensor.of(weight.backend(), value)));
            }
        }
    }

    void update() {
        for (int i = 0; i < averages.size(); i++) {
            try (Scope scope = Scope.open()) {
                Tensor old = averages.get(i);
                averages.set(i, owner.adopt(old.mul(decay).add(parameters.get(i).tensor().mul(1 - decay))));
                owner.release(old);
            }
        }
    }

    /** The averages under the names of the model's state dict. */
    Map<String, NdArray> stateDict() {
        Map<String, NdArray> values = new LinkedHashMap<>();
        for (int i = 0; i < averages.size(); i++) {
            values.put(parameters.get(i).name(), averages.get(i).toArray());
        }
        return values;
    }

    @Override
    public void close() {
        owner.close();
    }
}

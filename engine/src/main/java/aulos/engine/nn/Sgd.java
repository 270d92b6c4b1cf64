// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Gradients;
import aulos.engine.Kernel;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Stochastic gradient descent with momentum over a list of parameters; the formula is at {@link Kernel.Sgd}. */
public final class Sgd implements AutoCloseable {
    private final List<Parameter> parameters;
    private final Kernel.Sgd kernel;
    private final Scope owner = Scope.unattached();
    private final List<Tensor> velocities = new ArrayList<>();

    /** Plain gradient descent: no momentum, no weight decay. */
    public Sgd(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, 0, 0);
    }

    /** Starts from rest. */
    public Sgd(List<Parameter> parameters, double learningRate, double momentum, double weightDecay) {
        this.parameters = List.copyOf(parameters);
        this.kernel = new Kernel.Sgd(learningRate, momentum, weightDecay);
        try (Scope scope = Scope.open()) {
            for (Parameter parameter : parameters) {
                Tensor tensor = parameter.tensor();
                velocities.add(owner.adopt(Tensor.full(tensor.backend(), tensor.shape(), 0)));
            }
        }
    }

    /** The parameters' tensors: what to take gradients in. */
    public List<Tensor> tensors() {
        return parameters.stream().map(Parameter::tensor).toList();
    }

    /** Moves every parameter against its gradient. */
    public void step(Gradients gradients) {
        for (int i = 0; i < parameters.size(); i++) {
            Tensor parameter = parameters.get(i).tensor();
            Tensor.update(kernel, parameter, gradients.of(parameter), velocities.get(i));
        }
    }

    /** Frees the velocities. */
    @Override
    public void close() {
        owner.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Gradients;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW over a list of parameters, whose order is the order of its state, as in PyTorch. The formula is at
 * {@link Kernel.AdamW}; epsilon is 1e-8 and the weight decay 0.01, PyTorch's defaults, applied to every parameter.
 */
public final class AdamW implements AutoCloseable {
    public static final double EPSILON = 1e-8;
    public static final double WEIGHT_DECAY = 0.01;

    /** Both moments of one parameter, float32 on the host. */
    public record Moments(NdArray mean, NdArray square) {}

    private final List<Parameter> parameters;
    private final double beta1;
    private final double beta2;
    private final Scope owner = Scope.unattached();
    private final List<Tensor> means = new ArrayList<>();
    private final List<Tensor> squares = new ArrayList<>();
    private double learningRate;
    private int steps;

    /** Starts with moments of zero. */
    public AdamW(List<Parameter> parameters, double learningRate, double beta1, double beta2) {
        this.parameters = List.copyOf(parameters);
        this.learningRate = learningRate;
        this.beta1 = beta1;
        this.beta2 = beta2;
        try (Scope scope = Scope.open()) {
            for (Parameter parameter : parameters) {
                Tensor tensor = parameter.tensor();
                means.add(owner.adopt(Tensor.full(tensor.backend(), tensor.shape(), 0)));
                squares.add(owner.adopt(Tensor.full(tensor.backend(), tensor.shape(), 0)));
            }
        }
    }

    public List<Parameter> parameters() {
        return parameters;
    }

    /** The parameters' tensors: what to take gradients in. */
    public List<Tensor> tensors() {
        return parameters.stream().map(Parameter::tensor).toList();
    }

    public double learningRate() {
        return learningRate;
    }

    public void learningRate(double rate) {
        learningRate = rate;
    }

    /** How many steps it has made. */
    public int steps() {
        return steps;
    }

    /** Moves every parameter against its gradient. */
    public void step(Gradients gradients) {
        step(tensors().stream().map(gradients::of).toList());
    }

    /**
     * As {@link #step(Gradients)}, for gradients that were summed or scaled on the way.
     *
     * @param gradients one for each parameter, in their order
     * @throws IllegalArgumentException if their number or a shape is another
     */
    public void step(List<Tensor> gradients) {
        if (gradients.size() != parameters.size()) {
            throw new IllegalArgumentException("AdamW: " + gradients.size() + " gradients, expected one for each of "
                    + parameters.size() + " parameters");
        }
        steps++;
        Kernel.AdamW kernel = new Kernel.AdamW(learningRate, beta1, beta2, EPSILON, WEIGHT_DECAY, steps);
        for (int i = 0; i < parameters.size(); i++) {
            Tensor parameter = parameters.get(i).tensor();
            Tensor gradient = gradients.get(i);
            if (!gradient.shape().equals(parameter.shape())) {
                throw new IllegalArgumentException("AdamW: gradient " + gradient.shape() + " for parameter "
                        + parameters.get(i).name() + " " + parameter.shape());
            }
            Tensor.update(kernel, parameter, gradient, means.get(i), squares.get(i));
        }
    }

    /** Downloads the moments, in the order of the parameters. */
    public List<Moments> moments() {
        List<Moments> moments = new ArrayList<>();
        for (int i = 0; i < means.size(); i++) {
            moments.add(new Moments(means.get(i).toArray(), squares.get(i).toArray()));
        }
        return moments;
    }

    /**
     * Goes on from a saved state.
     *
     * @throws IllegalArgumentException if it does not fit the parameters
     */
    public void restore(List<Moments> moments, int madeSteps) {
        if (moments.size() != parameters.size()) {
            throw new IllegalArgumentException("optimiser state holds moments of " + moments.size()
                    + " parameters, the model has " + parameters.size());
        }
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < parameters.size(); i++) {
                means.set(i, restored(i, means.get(i), moments.get(i).mean()));
                squares.set(i, restored(i, squares.get(i), moments.get(i).square()));
            }
        }
        steps = madeSteps;
    }

    private Tensor restored(int index, Tensor old, NdArray values) {
        if (!values.shape().equals(old.shape())) {
            throw new IllegalArgumentException("optimiser state: moment " + values.shape() + " for parameter "
                    + parameters.get(index).name() + " " + old.shape());
        }
        Tensor fresh = owner.adopt(Tensor.of(old.backend(), values));
        owner.release(old);
        return fresh;
    }

    /** Frees the moments. */
    @Override
    public void close() {
        owner.close();
    }
}

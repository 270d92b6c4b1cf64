// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * w = g·v/‖v‖ for each row of v [n, …], g [n, 1, …]; ∂w/∂g is the row's direction ({@link RowProjection}), ∂w/∂v is
 * {@link WeightNormGradient}. A row of zeros gives NaN.
 */
public record WeightNorm() implements Op {
    @Override
    public String name() {
        return "weight_norm";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape v = Shapes.expect(name(), inputs, 2).get(0);
        Shapes.gains(name(), inputs.get(1), v);
        return v;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.WeightNorm());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor v = inputs.get(0);
        Tensor g = inputs.get(1);
        return argument == 0 ? Tensor.apply(new WeightNormGradient(), v, g, gradient)
                : Tensor.apply(new RowProjection(), v, gradient);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * y = Σ|a − b|/n over all n elements, a scalar, also known as the L1 loss; ∂y/∂a = sign(a − b)/n, which is
 * {@link MeanAbsoluteErrorGradient}, and ∂y/∂b is the same with a and b swapped.
 */
public record MeanAbsoluteError() implements Op {
    @Override
    public String name() {
        return "mean_absolute_error";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shapes.same(name(), inputs);
        return Shape.SCALAR;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.MeanAbsoluteError());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new MeanAbsoluteErrorGradient(), inputs.get(argument), inputs.get(1 - argument), gradient);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Of (a, b, g), g a scalar: y = sign(a − b)·g/n for all n elements, and 0 where a is b. Linear in g, u·∂y/∂g =
 * Σ u·sign(a − b)/n; in a and b its derivative is 0 wherever it has one.
 */
public record MeanAbsoluteErrorGradient() implements Op {
    @Override
    public String name() {
        return "mean_absolute_error_gradient";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shapes.expect(name(), inputs, 3);
        Shape a = Shapes.same(name(), inputs.subList(0, 2));
        if (!inputs.get(2).equals(Shape.SCALAR)) {
            throw new IllegalArgumentException(name() + ": gradient " + inputs.get(2) + ", expected a scalar []");
        }
        return a;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.MeanAbsoluteErrorGradient());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return inputs.get(0).sub(inputs.get(1)).sign().mul(gradient).mean();
    }

    @Override
    public boolean isFlatIn(int argument) {
        return argument < 2;
    }

    @Override
    public boolean keepsInput(int argument) {
        return argument < 2;
    }
}

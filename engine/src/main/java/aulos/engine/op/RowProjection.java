// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * y = v·x/‖v‖ for each row of v and x [n, …], [n, 1, …]: the norm of v if x is v. ∂y/∂x is the row's direction
 * ({@link WeightNorm}), ∂y/∂v is {@link WeightNormGradient} with y's gradient for gain.
 */
public record RowProjection() implements Op {
    @Override
    public String name() {
        return "row_projection";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.perRow(name(), Shapes.same(name(), inputs));
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.RowProjection());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor v = inputs.get(0);
        Tensor x = inputs.get(1);
        return argument == 0 ? Tensor.apply(new WeightNormGradient(), v, gradient, x)
                : Tensor.apply(new WeightNorm(), v, gradient);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

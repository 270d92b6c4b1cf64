// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = ln x; ∂y/∂x = 1/x. */
public record Log() implements Op {
    @Override
    public String name() {
        return "log";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.unary(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.LOG, 0, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.div(inputs.get(0));
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

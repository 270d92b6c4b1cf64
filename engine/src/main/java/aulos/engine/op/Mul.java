// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = a·b; ∂y/∂a = b, ∂y/∂b = a. Inputs broadcast; the gradient is summed back. */
public record Mul() implements Op {
    @Override
    public String name() {
        return "mul";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.broadcast(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.MUL, 0, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.mul(inputs.get(1 - argument)).sumTo(inputs.get(argument).shape());
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

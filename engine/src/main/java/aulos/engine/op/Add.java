// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = a + b; ∂y/∂a = ∂y/∂b = 1. Inputs broadcast; the gradient is summed back. */
public record Add() implements Op {
    @Override
    public String name() {
        return "add";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.broadcast(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.ADD, 0, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.sumTo(inputs.get(argument).shape());
    }
}

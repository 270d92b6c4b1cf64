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
        Tensor other = inputs.get(1 - argument);
        Shape target = inputs.get(argument).shape();
        // One factor for each row of [n, 1, K]: the products need not be written down to be summed.
        if (target.rank() == 3 && output.shape().dim(1) == 1 && target.dim(2) == 1
                && other.shape().equals(output.shape())) {
            return gradient.matmul(other, false, true).sumTo(target);
        }
        return gradient.mul(other).sumTo(target);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

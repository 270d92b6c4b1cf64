// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = a/b; ∂y/∂a = 1/b, ∂y/∂b = −y/b. Inputs broadcast; the gradient is summed back. */
public record Div() implements Op {
    @Override
    public String name() {
        return "div";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.broadcast(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.DIV, 0, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor divisor = inputs.get(1);
        if (argument == 0) {
            return gradient.div(divisor).sumTo(inputs.get(0).shape());
        }
        // Summed first: the divisor is the same wherever it was broadcast to.
        return gradient.mul(output).sumTo(divisor.shape()).div(divisor).neg();
    }

    @Override
    public boolean keepsInput(int argument) {
        return argument == 1;
    }

    @Override
    public boolean keepsOutput() {
        return true;
    }
}

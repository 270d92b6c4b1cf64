// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * y = x if x &gt; 0, else slope·x; ∂y/∂x is 1 or slope, {@link LeakyReluGradient}. As the slope is not negative, y is
 * positive where x is: the product reads y, which the next layer keeps anyway.
 */
public record LeakyRelu(double slope) implements Op {
    @Override
    public String name() {
        return "leaky_relu";
    }

    @Override
    public String parameters() {
        return "" + (float) slope;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        if (!(slope >= 0)) {
            throw new IllegalArgumentException("leaky_relu: slope " + slope + " on input " + input + ", expected at least 0");
        }
        return input;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.LEAKY_RELU, slope, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new LeakyReluGradient(slope), output, gradient);
    }

    @Override
    public boolean keepsOutput() {
        return true;
    }
}

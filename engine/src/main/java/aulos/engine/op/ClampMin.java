// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = max(x, minimum); ∂y/∂x = 1 where x ≥ minimum, else 0. */
public record ClampMin(double minimum) implements Op {
    @Override
    public String name() {
        return "clamp_min";
    }

    @Override
    public String parameters() {
        return "" + (float) minimum;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.unary(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.CLAMP_MIN, minimum, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new ClampMinGradient(minimum), inputs.get(0), gradient);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

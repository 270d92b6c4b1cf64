// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = factor·x + offset; ∂y/∂x = factor. */
public record Affine(double factor, double offset) implements Op {
    @Override
    public String name() {
        return "affine";
    }

    @Override
    public String parameters() {
        return (float) factor + "x" + (offset == 0 ? "" : "+" + (float) offset);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.unary(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.AFFINE, factor, offset));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.mul(factor);
    }
}

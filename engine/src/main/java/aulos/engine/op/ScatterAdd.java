// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y[.., indices[j], ..] = Σ x[.., j, ..] along {@code axis} of {@code length} in y; adjoint: {@link Gather}. */
public record ScatterAdd(int axis, List<Integer> indices, int length) implements Op {
    public ScatterAdd {
        indices = List.copyOf(indices);
    }

    @Override
    public String name() {
        return "scatter_add";
    }

    @Override
    public String parameters() {
        return "axis " + axis + " of " + length + " at " + Shapes.shortened(indices);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withAxis(name(), Shapes.unary(name(), inputs), axis);
        if (input.dim(axis) != indices.size()) {
            throw new IllegalArgumentException("scatter_add: input " + input + " has " + input.dim(axis)
                    + " elements along axis " + axis + ", expected one for each of " + indices.size() + " indices");
        }
        Shape output = input.with(axis, length);
        Shapes.requireIndices(name(), indices, output, axis);
        return output;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.ScatterAdd(axis, indices));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new Gather(axis, indices), gradient);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y[.., j, ..] = x[.., indices[j], ..] along {@code axis}, as a table of embeddings is read; adjoint: {@link ScatterAdd}. */
public record Gather(int axis, List<Integer> indices) implements Op {
    public Gather {
        indices = List.copyOf(indices);
        if (indices.isEmpty()) {
            throw new IllegalArgumentException("gather: no indices, expected at least 1");
        }
    }

    @Override
    public String name() {
        return "gather";
    }

    @Override
    public String parameters() {
        return "axis " + axis + " at " + Shapes.shortened(indices);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withAxis(name(), Shapes.unary(name(), inputs), axis);
        Shapes.requireIndices(name(), indices, input, axis);
        return input.with(axis, indices.size());
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Gather(axis, indices));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new ScatterAdd(axis, indices, inputs.get(0).shape().dim(axis)), gradient);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** All inputs one after the other along an axis; adjoint: slices. */
public record Concat(int axis) implements Op {
    @Override
    public String name() {
        return "concat";
    }

    @Override
    public String parameters() {
        return "axis " + axis;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape first = Shapes.withAxis(name(), inputs.get(0), axis);
        int length = 0;
        for (Shape input : inputs) {
            if (input.rank() != first.rank() || !input.with(axis, 1).equals(first.with(axis, 1))) {
                throw new IllegalArgumentException("concat: input " + input + " differs from input " + first
                        + " in more than axis " + axis + ", expected all other dimensions equal");
            }
            length = Math.addExact(length, input.dim(axis));
        }
        return first.with(axis, length);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Concat(axis));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        int start = 0;
        for (int i = 0; i < argument; i++) {
            start += inputs.get(i).shape().dim(axis);
        }
        return gradient.slice(axis, start, start + inputs.get(argument).shape().dim(axis));
    }
}

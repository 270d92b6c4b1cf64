// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Elements start (inclusive) to end (exclusive) along an axis; adjoint: {@link Pad}. */
public record Slice(int axis, int start, int end) implements Op {
    @Override
    public String name() {
        return "slice";
    }

    @Override
    public String parameters() {
        return start + ":" + end + " axis " + axis;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withAxis(name(), Shapes.unary(name(), inputs), axis);
        int length = input.dim(axis);
        if (start < 0 || end > length || start >= end) {
            throw new IllegalArgumentException("slice: " + start + " to " + end + " along axis " + axis + " of " + input
                    + ", expected 0 <= start < end <= " + length);
        }
        return input.with(axis, end - start);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        int[] strides = inputs.get(0).strides();
        return Optional.of(new Kernel.StridedCopy(start * strides[axis], Shapes.list(strides)));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.pad(axis, start, inputs.get(0).shape().dim(axis) - end);
    }
}

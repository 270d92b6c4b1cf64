// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Zeros before and after along an axis; adjoint: {@link Slice}. */
public record Pad(int axis, int before, int after) implements Op {
    @Override
    public String name() {
        return "pad";
    }

    @Override
    public String parameters() {
        return before + "," + after + " axis " + axis;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withAxis(name(), Shapes.unary(name(), inputs), axis);
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException("pad: " + before + " before and " + after + " after along axis " + axis
                    + " of " + input + ", expected at least 0");
        }
        return input.with(axis, Math.addExact(Math.addExact(before, after), input.dim(axis)));
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        int[] strides = output.strides();
        return Optional.of(new Kernel.StridedPlace(before * strides[axis], Shapes.list(strides)));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.slice(axis, before, before + inputs.get(0).shape().dim(axis));
    }
}

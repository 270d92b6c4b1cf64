// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Repeats the input along the axes in which it has 1 (or none) up to {@code target}; adjoint: {@link Sum}. */
public record BroadcastTo(Shape target) implements Op {
    @Override
    public String name() {
        return "broadcast_to";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        boolean fits = input.rank() <= target.rank();
        for (int axis = 1; fits && axis <= input.rank(); axis++) {
            fits = input.dim(-axis) == 1 || input.dim(-axis) == target.dim(-axis);
        }
        if (!fits) {
            throw new IllegalArgumentException("broadcast_to: input " + input + " does not broadcast to " + target
                    + ", expected each dimension equal or 1, counted from the last");
        }
        return target;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        Shape input = inputs.get(0);
        int[] strides = input.strides();
        Integer[] repeated = new Integer[target.rank()];
        for (int axis = 0; axis < repeated.length; axis++) {
            int own = axis - (target.rank() - input.rank());
            repeated[axis] = own < 0 || input.dim(own) == 1 ? 0 : strides[own];
        }
        return Optional.of(new Kernel.StridedCopy(0, List.of(repeated)));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.sumTo(inputs.get(0).shape());
    }
}

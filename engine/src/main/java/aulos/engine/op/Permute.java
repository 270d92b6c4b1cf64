// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Axis i of the output is axis axes[i] of the input; adjoint: the inverse permutation. */
public record Permute(List<Integer> axes) implements Op {
    @Override
    public String name() {
        return "permute";
    }

    @Override
    public String parameters() {
        return axes.toString();
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        if (!axes.stream().sorted().toList().equals(IntStream.range(0, input.rank()).boxed().toList())) {
            throw new IllegalArgumentException("permute: axes " + axes + " are not a permutation of the "
                    + input.rank() + " axes of " + input);
        }
        return Shape.of(axes.stream().mapToInt(input::dim).toArray());
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        int[] strides = inputs.get(0).strides();
        return Optional.of(new Kernel.StridedCopy(0, axes.stream().map(axis -> strides[axis]).toList()));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        int[] inverse = new int[axes.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[axes.get(i)] = i;
        }
        return gradient.permute(inverse);
    }
}

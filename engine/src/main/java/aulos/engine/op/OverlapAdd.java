// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** [.., F, size] → [.., length], y[t] = Σ over f of x[f, t − f·hop]; adjoint: {@link Frame}. */
public record OverlapAdd(int size, int hop, int length) implements Op {
    @Override
    public String name() {
        return "overlap_add";
    }

    @Override
    public String parameters() {
        return "hop " + hop;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        if (input.rank() < 2 || input.dim(-1) != size || hop < 1 || length < size
                || (length - size) / hop + 1 != input.dim(-2)) {
            throw new IllegalArgumentException("overlap_add: input " + input + " with size " + size + " and hop " + hop
                    + " does not make length " + length);
        }
        int[] dims = Arrays.copyOf(input.dims(), input.rank() - 1);
        dims[dims.length - 1] = length;
        return Shape.of(dims);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.OverlapAdd(size, hop));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.frame(size, hop);
    }
}

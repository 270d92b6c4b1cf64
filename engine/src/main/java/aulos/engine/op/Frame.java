// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** [.., T] → [.., F, size], y[f, i] = x[f·hop + i], F = ⌊(T − size)/hop⌋ + 1; adjoint: {@link OverlapAdd}. */
public record Frame(int size, int hop) implements Op {
    @Override
    public String name() {
        return "frame";
    }

    @Override
    public String parameters() {
        return "size " + size + " hop " + hop;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withLastAxis(name(), inputs);
        if (size < 1 || hop < 1 || input.rank() == Shape.MAX_RANK || input.dim(-1) < size) {
            throw new IllegalArgumentException("frame: size " + size + " and hop " + hop + " on input " + input
                    + ", expected both at least 1, size at most the last axis, rank below " + Shape.MAX_RANK);
        }
        int[] dims = Arrays.copyOf(input.dims(), input.rank() + 1);
        dims[input.rank() - 1] = (input.dim(-1) - size) / hop + 1;
        dims[input.rank()] = size;
        return Shape.of(dims);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Frame(size, hop));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.overlapAdd(hop, inputs.get(0).shape().dim(-1));
    }
}

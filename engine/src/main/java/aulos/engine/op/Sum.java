// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Sums over every axis in which {@code target} has 1 and the input has not; adjoint: {@link BroadcastTo}. */
public record Sum(Shape target) implements Op {
    @Override
    public String name() {
        return "sum";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.reduced(name(), inputs, target);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Sum());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.broadcastTo(inputs.get(0).shape());
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y = −1, 0 or 1; its derivative is 0 wherever it has one. */
public record Sign() implements Op {
    @Override
    public String name() {
        return "sign";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.unary(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.SIGN, 0, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        throw new IllegalStateException("sign is flat");
    }

    @Override
    public boolean isFlatIn(int argument) {
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Adds the mirrored ends of the last axis back to where {@link ReflectPad} read them, and drops them. */
public record ReflectPadAdjoint(int left, int right) implements Op {
    @Override
    public String name() {
        return "reflect_pad_adjoint";
    }

    @Override
    public String parameters() {
        return left + "," + right;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withLastAxis(name(), inputs);
        int length = input.dim(-1) - left - right;
        if (left < 0 || right < 0 || left >= length || right >= length) {
            throw new IllegalArgumentException("reflect_pad_adjoint: " + left + " and " + right + " on input " + input
                    + ", expected each to be at least 0 and shorter than the rest");
        }
        return input.with(-1, length);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.ReflectPadAdjoint(left, right));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.reflectPad(left, right);
    }
}

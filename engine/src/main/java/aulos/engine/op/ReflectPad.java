// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Mirrors the last axis at both ends without repeating the edge, as PyTorch's {@code reflect}; adjoint:
 * {@link ReflectPadAdjoint}. */
public record ReflectPad(int left, int right) implements Op {
    @Override
    public String name() {
        return "reflect_pad";
    }

    @Override
    public String parameters() {
        return left + "," + right;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.withLastAxis(name(), inputs);
        int length = input.dim(-1);
        if (left < 0 || right < 0 || left >= length || right >= length) {
            throw new IllegalArgumentException("reflect_pad: " + left + " and " + right + " on input " + input
                    + ", expected 0 to " + (length - 1) + " on each side");
        }
        return input.with(-1, left + length + right);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.ReflectPad(left, right));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new ReflectPadAdjoint(left, right), gradient);
    }
}

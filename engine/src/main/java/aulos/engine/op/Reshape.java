// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** The same elements in the same order under another shape; costs nothing. */
public record Reshape(Shape target) implements Op {
    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        if (input.size() != target.size()) {
            throw new IllegalArgumentException("reshape: input " + input + " has " + input.size() + " elements, expected "
                    + target.size() + " as in " + target);
        }
        return target;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.empty();
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.reshape(inputs.get(0).shape());
    }
}

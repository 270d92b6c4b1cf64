// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The largest element over every axis in which {@code target} has 1 and the input has not. ∂y/∂x = 1/n for each of the n
 * elements that equal it, else 0: where several are largest, this is the mean of the derivatives that exist to all sides.
 * NaN for all of them if one of them is NaN.
 */
public record Max(Shape target) implements Op {
    @Override
    public String name() {
        return "max";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.reduced(name(), inputs, target);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Max());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor largest = inputs.get(0).equal(output);
        Tensor count = largest.sumTo(target);
        Tensor none = count.equal(Tensor.full(count.backend(), Shape.SCALAR, 0)); // nothing equals NaN
        Tensor share = gradient.div(count.add(none)).add(Tensor.apply(new Pointwise.Select(), none, output));
        return Tensor.apply(new Pointwise.Select(), largest.add(none), share);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }

    @Override
    public boolean keepsOutput() {
        return true;
    }
}

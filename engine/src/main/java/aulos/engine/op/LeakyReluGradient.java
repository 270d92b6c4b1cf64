// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** Of (x, g): g where x &gt; 0, else slope·g. Linear in g; in x its derivative is 0 wherever it has one. */
public record LeakyReluGradient(double slope) implements Op {
    @Override
    public String name() {
        return "leaky_relu_gradient";
    }

    @Override
    public String parameters() {
        return "" + (float) slope;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return Shapes.same(name(), inputs);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.LEAKY_RELU_GRADIENT, slope, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(this, inputs.get(0), gradient);
    }

    @Override
    public boolean isFlatIn(int argument) {
        return argument == 0;
    }

    @Override
    public boolean keepsInput(int argument) {
        return argument == 0;
    }
}

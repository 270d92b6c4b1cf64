// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The gradient of {@link Conv1d} in its weight: of x [B, Cin, T] and g [B, Cout, T′], w [Cout, Cin/groups, K], as in
 * {@link Kernel.ConvWeightGradient}. It is linear in both (behind their leaky ReLUs), and its own gradients are the other
 * two convolutions.
 */
public record Conv1dWeightGradient(ConvSpec spec, int kernelSize, double inputSlope, double gradientSlope)
        implements Op {
    @Override
    public String name() {
        return "conv1d_weight_gradient";
    }

    @Override
    public String parameters() {
        return (spec + " k" + kernelSize + (inputSlope == 1 ? "" : " lrelu" + (float) inputSlope)
                + (gradientSlope == 1 ? "" : " lrelu" + (float) gradientSlope)).strip();
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shapes.expect(name(), inputs, 2);
        Shape x = inputs.get(0);
        Shape g = inputs.get(1);
        if (x.rank() != 3 || g.rank() != 3 || x.dim(0) != g.dim(0)
                || g.dim(2) != spec.outputLength(x.dim(2), kernelSize)) {
            throw new IllegalArgumentException("conv1d_weight_gradient: input " + x + " and output gradient " + g
                    + " do not belong to one convolution with kernel " + kernelSize + " " + spec);
        }
        if (x.dim(1) % spec.groups() != 0 || g.dim(1) % spec.groups() != 0) {
            throw new IllegalArgumentException("conv1d_weight_gradient: " + spec.groups()
                    + " groups do not divide the channels of input " + x + " and output gradient " + g);
        }
        return Shape.of(g.dim(1), x.dim(1) / spec.groups(), kernelSize);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.ConvWeightGradient(spec, inputSlope, gradientSlope));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor x = inputs.get(0);
        Tensor g = inputs.get(1);
        if (argument == 0) {
            Op transposed = new ConvTranspose1d(spec, x.shape().dim(2), Fusion.NONE.withInputSlope(gradientSlope));
            return Fusions.throughInput(inputSlope, x, Tensor.apply(transposed, g, gradient));
        }
        return Fusions.throughInput(gradientSlope, g,
                x.conv1d(gradient, spec, Fusion.NONE.withInputSlope(inputSlope)));
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

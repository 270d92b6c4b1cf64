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
 * Convolution of x [B, Cin, T] with w [Cout, Cin/groups, K] to y [B, Cout, T′], as in {@link Kernel.Conv}, with the
 * pointwise work of {@link Fusion}:
 *
 * <pre>y = tanh?( scale · ( conv(leakyRelu(x), w) + bias + residuals ) )</pre>
 *
 * It is linear in x (behind the leaky ReLU) and in w: its gradient in x is {@link ConvTranspose1d}, in w
 * {@link Conv1dWeightGradient}.
 */
public record Conv1d(ConvSpec spec, Fusion fusion) implements Op {
    @Override
    public String name() {
        return "conv1d";
    }

    @Override
    public String parameters() {
        return (spec + " " + fusion).strip();
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shapes.expect(name(), inputs, 2 + fusion.extraOperands());
        Shape x = inputs.get(0);
        Shape w = inputs.get(1);
        if (x.rank() != 3 || w.rank() != 3) {
            throw new IllegalArgumentException(
                    "conv1d: input " + x + " and weight " + w + ", expected rank 3: [B,C,T] and [Cout,Cin/groups,K]");
        }
        int channels = w.dim(1) * spec.groups();
        if (x.dim(1) != channels) {
            throw new IllegalArgumentException("conv1d: input " + x + " has " + x.dim(1) + " channels, weight " + w
                    + (spec.groups() == 1 ? "" : " with " + spec.groups() + " groups") + " expects " + channels);
        }
        if (w.dim(0) % spec.groups() != 0) {
            throw new IllegalArgumentException("conv1d: weight " + w + " has " + w.dim(0)
                    + " output channels, which " + spec.groups() + " groups do not divide");
        }
        Shape output = Shape.of(x.dim(0), w.dim(0), spec.outputLength(x.dim(2), w.dim(2)));
        Fusions.check(name(), fusion, inputs, output);
        return output;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Conv(spec, fusion));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor x = inputs.get(0);
        Tensor w = inputs.get(1);
        Tensor inner = Fusions.inner(fusion, output, gradient);
        return switch (argument) {
            case 0 -> Fusions.throughInput(fusion.inputSlope(), x,
                    Tensor.apply(new ConvTranspose1d(spec, x.shape().dim(2), Fusion.NONE), inner, w));
            case 1 -> Tensor.apply(
                    new Conv1dWeightGradient(spec, w.shape().dim(2), fusion.inputSlope(), 1), x, inner);
            default -> Fusions.extra(fusion, argument, inner);
        };
    }

    @Override
    public boolean keepsInput(int argument) {
        return argument < 2;
    }

    @Override
    public boolean keepsOutput() {
        return fusion.tanh();
    }
}

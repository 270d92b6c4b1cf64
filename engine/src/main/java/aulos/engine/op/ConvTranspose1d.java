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
 * Transposed convolution of x [B, Cin, T] with w [Cin, Cout/groups, K] to y [B, Cout, length]: the gradient of
 * {@link Conv1d} in its input, as in {@link Kernel.ConvInputGradient}, with the pointwise work of {@link Fusion}. The
 * length is a parameter because a strided convolution maps several input lengths to one output length.
 */
public record ConvTranspose1d(ConvSpec spec, int length, Fusion fusion) implements Op {
    @Override
    public String name() {
        return "conv_transpose1d";
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
            throw new IllegalArgumentException("conv_transpose1d: input " + x + " and weight " + w
                    + ", expected rank 3: [B,C,T] and [Cin,Cout/groups,K]");
        }
        if (x.dim(1) != w.dim(0) || w.dim(0) % spec.groups() != 0) {
            throw new IllegalArgumentException("conv_transpose1d: input " + x + " has " + x.dim(1)
                    + " channels, weight " + w + " expects " + w.dim(0)
                    + (spec.groups() == 1 ? "" : " in " + spec.groups() + " equal groups"));
        }
        if (spec.outputLength(length, w.dim(2)) != x.dim(2)) {
            throw new IllegalArgumentException("conv_transpose1d: input " + x + " cannot give length " + length
                    + ": the convolution of that length gives " + spec.outputLength(length, w.dim(2)));
        }
        Shape output = Shape.of(x.dim(0), w.dim(1) * spec.groups(), length);
        Fusions.check(name(), fusion, inputs, output);
        return output;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.ConvInputGradient(spec, fusion));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor x = inputs.get(0);
        Tensor w = inputs.get(1);
        Tensor inner = Fusions.inner(fusion, output, gradient);
        return switch (argument) {
            case 0 -> Fusions.throughInput(fusion.inputSlope(), x, inner.conv1d(w, spec));
            case 1 -> Tensor.apply(
                    new Conv1dWeightGradient(spec, w.shape().dim(2), 1, fusion.inputSlope()), inner, x);
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

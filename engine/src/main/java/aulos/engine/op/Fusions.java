// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;

/** What the two convolutions share: the check of the fused operands and their vector–Jacobian products. */
final class Fusions {
    private Fusions() {}

    /** Checks x, w, bias [channels] if any, and residuals of the output's shape. */
    static void check(String op, Fusion fusion, List<Shape> inputs, Shape output) {
        Shapes.expect(op, inputs, 2 + fusion.extraOperands());
        int next = 2;
        if (fusion.bias()) {
            Shape bias = inputs.get(next++);
            if (!bias.equals(Shape.of(output.dim(1)))) {
                throw new IllegalArgumentException(
                        op + ": bias " + bias + ", expected [" + output.dim(1) + "] for output " + output);
            }
        }
        for (; next < inputs.size(); next++) {
            if (!inputs.get(next).equals(output)) {
                throw new IllegalArgumentException(
                        op + ": residual " + inputs.get(next) + " differs from output " + output);
            }
        }
    }

    /** The gradient behind tanh and scale: what reaches the convolution, its bias and its residuals alike. */
    static Tensor inner(Fusion fusion, Tensor output, Tensor gradient) {
        Tensor inner = fusion.tanh() ? gradient.sub(gradient.mul(output.square())) : gradient;
        return fusion.scale() == 1 ? inner : inner.mul(fusion.scale());
    }

    /** For an argument after x and w: the bias sums the inner gradient over batch and time, a residual takes it as is. */
    static Tensor extra(Fusion fusion, int argument, Tensor inner) {
        boolean isBias = fusion.bias() && argument == 2;
        return isBias ? inner.sum(0, 2).reshape(inner.shape().dim(1)) : inner;
    }

    /** Through the leaky ReLU on the input. */
    static Tensor throughInput(double slope, Tensor x, Tensor gradient) {
        return slope == 1 ? gradient : Tensor.apply(new Pointwise.LeakyReluGradient(slope), x, gradient);
    }
}

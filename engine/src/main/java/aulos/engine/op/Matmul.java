// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Y = op(A)·op(B) over the last two axes, op transposing if its flag says so; rank 2, or rank 3 with equal first axes.
 * With neither flag, ∂A = G·Bᵀ and ∂B = Aᵀ·G.
 */
public record Matmul(boolean transposeA, boolean transposeB) implements Op {
    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public String parameters() {
        return (transposeA ? "Aᵀ" : "A") + (transposeB ? "Bᵀ" : "B");
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shapes.expect(name(), inputs, 2);
        Shape a = inputs.get(0);
        Shape b = inputs.get(1);
        boolean ranksFit = a.rank() == b.rank() && (a.rank() == 2 || a.rank() == 3 && a.dim(0) == b.dim(0));
        if (!ranksFit) {
            throw new IllegalArgumentException(
                    "matmul: " + a + " and " + b + ", expected rank 2, or rank 3 with equal first axes");
        }
        int innerA = a.dim(transposeA ? -2 : -1);
        int innerB = b.dim(transposeB ? -1 : -2);
        if (innerA != innerB) {
            throw new IllegalArgumentException("matmul: " + a + (transposeA ? " transposed" : "") + " and " + b
                    + (transposeB ? " transposed" : "") + " have inner dimensions " + innerA + " and " + innerB
                    + ", expected equal ones");
        }
        return a.with(-2, a.dim(transposeA ? -1 : -2)).with(-1, b.dim(transposeB ? -2 : -1));
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Matmul(transposeA, transposeB));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor a = inputs.get(0);
        Tensor b = inputs.get(1);
        if (argument == 0) {
            return transposeA ? b.matmul(gradient, transposeB, true) : gradient.matmul(b, false, !transposeB);
        }
        return transposeB ? gradient.matmul(a, true, transposeA) : a.matmul(gradient, !transposeA, false);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** [.., 2·(⌊n/2⌋+1)] → [.., n], y[t] = Σₖ re[k]·cos(2πkt/n) − im[k]·sin(2πkt/n): the adjoint of {@link RealDft}, which
 * is not its inverse. */
public record RealDftAdjoint(int n) implements Op {
    @Override
    public String name() {
        return "real_dft_adjoint";
    }

    @Override
    public String parameters() {
        return "n " + n;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        if (input.rank() == 0 || input.dim(-1) != 2 * (n / 2 + 1)) {
            throw new IllegalArgumentException("real_dft_adjoint: input " + input + ", expected a last axis of "
                    + 2 * (n / 2 + 1) + " for n = " + n);
        }
        return input.with(-1, n);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.RealDftAdjoint(n));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.realDft();
    }
}

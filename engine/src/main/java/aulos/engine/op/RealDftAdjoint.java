// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * [.., 2·(⌊n/2⌋+1)] → [.., n], y[t] = w[t]·Σₖ (re[k]·cos(2πkt/n) − im[k]·sin(2πkt/n)): the adjoint of {@link RealDft},
 * which is not its inverse.
 *
 * @param hann length of the Hann window, at most n; 0: none
 */
public record RealDftAdjoint(int n, int hann) implements Op {
    @Override
    public String name() {
        return "real_dft_adjoint";
    }

    @Override
    public String parameters() {
        return "n " + n + (hann == 0 ? "" : " hann " + hann);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        int expected = 2 * (n / 2 + 1);
        if (input.rank() == 0 || input.dim(-1) != expected) {
            throw new IllegalArgumentException("real_dft_adjoint: input " + input + ", expected a last axis of " + expected
                    + " for n = " + n);
        }
        if (hann < 0 || hann > n) {
            throw new IllegalArgumentException("real_dft_adjoint: Hann window of length " + hann + " on input " + input
                    + ", expected 0 to " + n);
        }
        return input.with(-1, n);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.RealDftAdjoint(n, hann));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new RealDft(n, hann), gradient);
    }
}

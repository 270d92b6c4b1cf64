// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** One-sided discrete Fourier transform of the last axis, [.., n] → [.., 2·(⌊n/2⌋+1)]: all real parts Σ x·cos, then all
 * imaginary parts −Σ x·sin; adjoint: {@link RealDftAdjoint}. */
public record RealDft(int n) implements Op {
    @Override
    public String name() {
        return "real_dft";
    }

    @Override
    public String parameters() {
        return "n " + n;
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        if (input.rank() == 0 || input.dim(-1) != n) {
            throw new IllegalArgumentException("real_dft: input " + input + ", expected a last axis of " + n);
        }
        return input.with(-1, 2 * (n / 2 + 1));
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.RealDft(n));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new RealDftAdjoint(n), gradient);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * One-sided discrete Fourier transform of x·w along the last axis, [.., n] → [.., 2·(⌊n/2⌋+1)]: all real parts Σ w·x·cos,
 * then all imaginary parts −Σ w·x·sin, under a Hann window w as in {@link Kernel.RealDft}; adjoint:
 * {@link RealDftAdjoint}.
 *
 * @param hann length of the Hann window, at most n; 0: none
 */
public record RealDft(int n, int hann) implements Op {
    @Override
    public String name() {
        return "real_dft";
    }

    @Override
    public String parameters() {
        return "n " + n + (hann == 0 ? "" : " hann " + hann);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape input = Shapes.unary(name(), inputs);
        int expected = n;
        if (input.rank() == 0 || input.dim(-1) != expected) {
            throw new IllegalArgumentException("real_dft: input " + input + ", expected a last axis of " + expected
                    + " for n = " + n);
        }
        if (hann < 0 || hann > n) {
            throw new IllegalArgumentException(
                    "real_dft: Hann window of length " + hann + " on input " + input + ", expected 0 to " + n);
        }
        return input.with(-1, 2 * (n / 2 + 1));
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.RealDft(n, hann));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return Tensor.apply(new RealDftAdjoint(n, hann), gradient);
    }
}

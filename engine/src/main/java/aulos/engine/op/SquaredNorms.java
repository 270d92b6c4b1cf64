// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/** y[i] = Σₖ x[i, 0, k]², [n, 1, K] → [n, 1, 1]: each row times itself; ∂y[i]/∂x[i, 0, k] = 2·x[i, 0, k]. */
public record SquaredNorms() implements Op {
    @Override
    public String name() {
        return "squared_norms";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = Shapes.unary(name(), inputs);
        if (x.rank() != 3 || x.dim(1) != 1) {
            throw new IllegalArgumentException("squared_norms: input " + x + ", expected [n, 1, K]");
        }
        return x.with(2, 1);
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Matmul(false, true));
    }

    @Override
    public List<Tensor> operands(List<Tensor> inputs) {
        return List.of(inputs.get(0), inputs.get(0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return inputs.get(0).mul(gradient.mul(2));
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

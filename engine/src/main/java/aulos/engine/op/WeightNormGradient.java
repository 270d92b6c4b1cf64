// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * y = g/‖v‖·(x − v·(v·x)/‖v‖²) for each row of v and x [n, …], g [n, 1, …]: what is left of x across v, scaled. Linear and
 * its own adjoint in x; linear in g. In v, with p(x) = v·x/‖v‖ ({@link RowProjection}), d(a, x) this op and u what y is
 * multiplied with, u·y = g/‖v‖·(u·x − p(u)·p(x)), of which the gradient is
 *
 * <pre>−d(g·p(x)/‖v‖, u) − d(g·p(u)/‖v‖, x) − g·(u·x − p(u)·p(x))/‖v‖² · v/‖v‖</pre>
 */
public record WeightNormGradient() implements Op {
    @Override
    public String name() {
        return "weight_norm_gradient";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shapes.expect(name(), inputs, 3);
        Shape v = Shapes.same(name(), List.of(inputs.get(0), inputs.get(2)));
        Shapes.gains(name(), inputs.get(1), v);
        return v;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.WeightNormGradient());
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        Tensor v = inputs.get(0);
        Tensor g = inputs.get(1);
        Tensor x = inputs.get(2);
        if (argument == 2) {
            return Tensor.apply(this, v, g, gradient);
        }
        Tensor ofX = Tensor.apply(new RowProjection(), v, x);
        Tensor ofGradient = Tensor.apply(new RowProjection(), v, gradient);
        Tensor norm = Tensor.apply(new RowProjection(), v, v);
        Tensor across = gradient.mul(x).sumTo(g.shape()).sub(ofGradient.mul(ofX)).div(norm);
        if (argument == 1) {
            return across;
        }
        Tensor scale = g.div(norm);
        return Tensor.apply(this, v, scale.mul(ofX), gradient)
                .add(Tensor.apply(this, v, scale.mul(ofGradient), x))
                .add(Tensor.apply(new WeightNorm(), v, scale.mul(across))).neg();
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

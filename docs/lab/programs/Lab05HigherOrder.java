// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.transform.Transforms;

/** (1 − x)² + 10·(y − x²)²: a bent valley with its floor at (1, 1). */
Tensor valley(Tensor p) {
    Tensor x = p.slice(0, 0, 1);
    Tensor y = p.slice(0, 1, 2);
    return x.neg().add(1).square().add(y.sub(x.square()).square().mul(10)).sum();
}

void main() {
    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open()) {
        // Six derivatives of tanh at 0: numbers that stand in its Taylor series.
        Tensor zero = Tensor.of(backend, Shape.of(), 0);
        UnaryOperator<Tensor> f = Tensor::tanh;
        for (int order = 0; order <= 6; order++) {
            IO.println("tanh⁽%d⁾(0) = %.0f".formatted(order, f.apply(zero).item() + 0.0));
            f = Transforms.grad(f);
        }

        // Newton's method: p ← p − H⁻¹·g, with the inverse of two rows by hand.
        double[] p = {-1, 1.5};
        for (int step = 0; step <= 6; step++) {
            try (Scope inner = Scope.open()) {
                Tensor at = Tensor.of(backend, Shape.of(2), p);
                Transforms.ValueAndGrad here = Transforms.valueAndGrad(this::valley).apply(at);
                IO.println("step %d: valley(%.4f, %.4f) = %.6f".formatted(step, p[0], p[1], here.value().item()));
                NdArray g = here.gradient().toArray();
                NdArray h = Transforms.hessian(this::valley).apply(at).toArray();
                double determinant = h.get(0) * h.get(3) - h.get(1) * h.get(2);
                p = new double[] {p[0] - (h.get(3) * g.get(0) - h.get(1) * g.get(1)) / determinant,
                    p[1] - (h.get(0) * g.get(1) - h.get(2) * g.get(0)) / determinant};
            }
        }

        // Learning to learn: how a result after one step of learning depends on where it started.
        try (Tape outer = Tape.open()) {
            Tensor w = Tensor.of(backend, Shape.of(), 1).named("w");
            Tensor target = Tensor.of(backend, Shape.of(), 2);
            Tensor learnt;
            try (Tape inner = Tape.open()) {
                Tensor gradient = inner.gradients(w.sub(target).square(), List.of(w)).of(w);
                learnt = w.sub(gradient.mul(0.1));                 // w₁ = w − 0.1·∇(w − 2)²
            }
            IO.println("d(w₁²)/dw = %.2f".formatted(outer.gradients(learnt.square(), List.of(w)).of(w).item()));
        }
    }
}

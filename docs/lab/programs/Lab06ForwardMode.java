// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.transform.Transforms;

/** R³ → R²: (x₀·x₁, sin x₁ + x₂²). */
Tensor f(Tensor x) {
    Tensor first = x.slice(0, 0, 1);
    Tensor second = x.slice(0, 1, 2);
    Tensor third = x.slice(0, 2, 3);
    return Tensor.concat(0, first.mul(second), second.sin().add(third.square()));
}

void print(String what, Tensor values) {
    NdArray array = values.toArray();
    IO.println("%-28s %s".formatted(what, Arrays.stream(array.doubles()).mapToObj("%.6f"::formatted).toList()));
}

void main() {
    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open()) {
        Tensor x = Tensor.of(backend, Shape.of(3), 2, 0.5, -1);
        Tensor direction = Tensor.of(backend, Shape.of(3), 1, -1, 0.5);

        print("the engine's J·v", Transforms.jvp(this::f, x, direction).tangent());

        // By hand: p(u) = Jᵀu is linear in u, whatever u is; its own pullback is J.
        try (Transforms.Vjp forward = Transforms.vjp(this::f, x)) {
            Tensor anywhere = Tensor.full(backend, forward.value().shape(), 0);
            try (Transforms.Vjp transposed = Transforms.vjp(forward::pullback, anywhere)) {
                print("the pullback of the pullback", transposed.pullback(direction));
            }
        }

        double h = 1e-6;
        Tensor ahead = f(x.add(direction.mul(h)));
        Tensor behind = f(x.add(direction.mul(-h)));
        print("a difference", ahead.sub(behind).mul(1 / (2 * h)));

        // Hessian times vector: forward over reverse, never the matrix.
        UnaryOperator<Tensor> g = t -> f(t).square().sum();
        print("the engine's H·v", Transforms.hvp(g, x, direction));
        print("H, then times v", Transforms.hessian(g).apply(x).matmul(direction.reshape(3, 1)));
    }
}

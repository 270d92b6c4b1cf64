// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.study.Stepper;
import aulos.engine.transform.Transforms;

void main() {
    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open()) {
        Tensor a = Tensor.of(backend, Shape.of(2, 3), 1, 2, 0, -1, 0, 3).named("A");
        Tensor x = Tensor.of(backend, Shape.of(3, 1), 1, -1, 2).named("x");
        Tensor u = Tensor.of(backend, Shape.of(2, 1), 10, 1);

        // f(x) = (A·x)², element by element. Its Jacobian is diag(2·A·x)·A: here we write it out.
        Tensor jacobian = Transforms.jacobian(v -> a.matmul(v).square()).apply(x);
        IO.println("J       = " + jacobian.reshape(2, 3).toArray().values());

        // The product with u from the left, without the matrix.
        try (Transforms.Vjp f = Transforms.vjp(v -> a.matmul(v).square(), x)) {
            IO.println("f(x)    = " + f.value().reshape(2).toArray().values());
            IO.println("Jᵀu     = " + f.pullback(u).reshape(3).toArray().values());
        }
        IO.println("by hand = " + jacobian.reshape(2, 3).matmul(u, true, false).reshape(3).toArray().values());

        // And how the tape gets there: one product for each argument of each node, last node first.
        try (Tape tape = Tape.open()) {
            Tensor loss = a.matmul(x).square().mul(u).sum();
            IO.print(tape);
            Stepper.on(tape, step -> IO.println(step));
            Gradients gradients = tape.gradients(loss, List.of(a, x));
            IO.println("∂/∂A    = " + gradients.of(a).toArray().values());
        }
    }
}

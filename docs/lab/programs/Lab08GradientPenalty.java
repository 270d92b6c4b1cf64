// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.nn.*;

/** A critic: two numbers in, one score out. */
Tensor score(Linear first, Linear second, Tensor x) {
    return second.forward(first.forward(x).tanh());
}

void main() {
    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open()) {
        Weights weights = Weights.random(backend, scope, 1);
        Linear first = new Linear(weights.at("first"), 2, 16);
        Linear second = new Linear(weights.at("second"), 16, 1);
        List<Parameter> parameters = new ArrayList<>(first.parameters());
        parameters.addAll(second.parameters());

        Random random = new Random(7);
        Tensor real = Tensor.of(backend, Shape.of(32, 2), random.doubles(64, 0.5, 1.5).toArray());
        Tensor fake = Tensor.of(backend, Shape.of(32, 2), random.doubles(64, -1.5, -0.5).toArray());

        try (Sgd sgd = new Sgd(parameters, 0.05)) {
            for (int step = 0; step <= 200; step++) {
                try (Scope inner = Scope.open(); Tape tape = Tape.open()) {
                    Tensor apart = score(first, second, real).mean().sub(score(first, second, fake).mean());

                    Tensor share = Tensor.of(backend, Shape.of(32, 1), random.doubles(32).toArray());
                    Tensor at = fake.add(real.sub(fake).mul(share)).detach();
                    Tensor scores = score(first, second, at).sum();
                    Tensor slope = tape.differentiableGradients(scores, List.of(at)).of(at);     // ∇D, on the tape
                    Tensor norms = slope.square().sum(1).sqrt();
                    Tensor penalty = norms.add(-1).square().mean().mul(10);

                    if (step % 50 == 0) {
                        IO.println("step %3d: D(real) − D(fake) = %.2f, mean ‖∇D‖ = %.3f, penalty %.3f".formatted(step,
                                apart.item(), norms.mean().item(), penalty.item()));
                    }
                    sgd.step(tape.gradients(penalty.sub(apart), sgd.tensors()));
                }
            }
        }
    }
}

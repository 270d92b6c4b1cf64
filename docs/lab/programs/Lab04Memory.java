// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.nn.*;
import aulos.engine.study.ProfilingBackend;

ProfilingBackend backend;

void live(String when) {
    IO.println("tensors alive: %d  %s".formatted(backend.liveBytes() / 8000, when));
}

void main() {
    try (ProfilingBackend opened = new ProfilingBackend(Backends.open("reference")); Scope scope = Scope.open()) {
        backend = opened;
        Tensor x = Tensor.full(backend, Shape.of(1000), 0.5);      // 1000 numbers of 8 bytes
        live("x");

        Tensor gone;
        try (Scope inner = Scope.open()) {
            gone = x.add(1);
            gone.exp().mul(x);
            live("three results in a scope");
        }
        live("the scope is closed");
        try {
            gone.exp();
        } catch (IllegalStateException refused) {
            IO.println(refused.getMessage());
        }

        try (Tape tape = Tape.open()) {
            Tensor loss = Scope.run(() -> x.add(1).exp().mul(x).leakyRelu(0.1).sum());
            live("after a forward pass on a tape");
            long[] held = tape.heldBytes();
            for (int i = 0; i < held.length; i++) {
                IO.println("    %-10s holds %d".formatted(tape.nodes().get(i).op().name(), held[i] / 8000));
            }
            Tensor gradient = Scope.run(() -> tape.gradients(loss, List.of(x)).of(x));
            live("after the backward pass");
        }

        try (Tape tape = Tape.open(); Sgd sgd = new Sgd(List.of(new Parameter("w", x, scope)), 0.1)) {
            Tensor w = sgd.tensors().getFirst();
            Tensor loss = w.square().sum();
            sgd.step(tape.differentiableGradients(loss, List.of(w)));
            tape.gradients(loss, List.of(w));
        } catch (IllegalStateException refused) {
            IO.println(refused.getMessage());
        }
    }
}

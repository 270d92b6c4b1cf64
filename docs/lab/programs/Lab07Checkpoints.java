// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.study.ProfilingBackend;

int runs;

/** One of 16 blocks: x ← x + 0.1·tanh(w·x). */
Tensor block(Tensor x, Tensor w) {
    runs++;
    return x.add(w.mul(x).tanh().mul(0.1));
}

Tensor segment(Tensor x, Tensor w, int blocks) {
    Tensor y = x;
    for (int i = 0; i < blocks; i++) {
        y = block(y, w);
    }
    return y;
}

void main() {
    double expected = 0;
    IO.println("segments  peak memory  blocks run  gradient");
    for (int segments : new int[] {0, 1, 2, 4, 8, 16}) {
        runs = 0;
        try (ProfilingBackend backend = new ProfilingBackend(Backends.open("reference"));
                Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.full(backend, Shape.of(1000), 0.5);
            Tensor w = Tensor.full(backend, Shape.of(), 1.5);
            Tensor loss = Scope.run(() -> {
                Tensor y = x;
                for (int i = 0; i < segments; i++) {
                    Tensor before = y;
                    y = Tape.checkpointed(() -> Scope.run(() -> segment(before, w, 16 / segments)));
                }
                return (segments == 0 ? segment(x, w, 16) : y).mean();
            });
            Tensor gradient = tape.gradients(loss, List.of(w)).of(w);
            expected = segments == 0 ? gradient.item() : expected;
            IO.println("%8s %8d kB %11d  %s".formatted(segments == 0 ? "none" : segments, backend.peakBytes() / 1000, runs,
                    Math.abs(gradient.item() - expected) < 1e-12 ? "the same" : "another"));
        }
    }
}

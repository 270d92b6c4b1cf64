// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.nn.Parameter;
import aulos.engine.nn.Sgd;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.transform.Transforms;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tape reads and has not seen being computed is a constant where that is right, and else refused. */
class UnseenResultTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;
    private Tensor x;

    @BeforeEach
    void open() {
        scope = Scope.open();
        x = scalar(2).named("x");
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(backend.liveBuffers()).isZero();
    }

    private Tensor scalar(double value) {
        return Tensor.of(backend, Shape.SCALAR, value);
    }

    @Test
    void aResultFromBeforeTheTapeIsRefusedWhereItWouldLackAPart() {
        Tensor h = Tape.labelled("net", x::square);
        try (Tape tape = Tape.open()) {
            Gradients gradients = tape.differentiableGradients(h.mul(x), List.of(x, h)); // 3x² = 12, not 4
            assertThat(gradients.of(h).item()).isEqualTo(2);
            String message = " in x[] would be incomplete: mul (%0) reads mul[] of net, which was computed from x[] before this"
                    + " tape opened; compute it while this tape records, or detach() it if it is to be a constant";
            assertThatThrownBy(() -> gradients.of(x)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("gradients: the one" + message);
            assertThatThrownBy(() -> gradients.orZero(x)).hasMessage("gradients: the one" + message);
            Tensor one = scalar(1);
            assertThatThrownBy(() -> tape.tangent(h.mul(x), List.of(x), List.of(one)))
                    .hasMessageStartingWith("tangent: the part of x[] would be incomplete: mul (");
        }
        try (Tape tape = Tape.open()) {
            Tensor e = x.exp(); // the tape has seen x, on another way
            Gradients gradients = tape.differentiableGradients(h.mul(3), List.of(x, e));
            assertThatThrownBy(() -> gradients.of(x)).hasMessageContaining("which was computed from x[] before this tape");
            assertThat(gradients.of(e).item()).isZero();
            assertThatThrownBy(() -> tape.differentiableGradients(h, List.of(x, h)).of(x))
                    .hasMessageContaining("would be incomplete: the result mul[] of net was computed from x[] before");
            assertThat(tape.gradients(h.mul(3), List.of(h)).of(h).item()).isEqualTo(3);
        }
        try (Tape tape = Tape.open()) {
            assertThat(tape.gradients(h.detach().mul(x), List.of(x)).of(x).item()).as("a constant on purpose").isEqualTo(4);
        }
    }

    @Test
    void onlyWhatTheResultDependsOnCounts() {
        Tensor h = x.square();
        Tensor w = scalar(5);
        Tensor v = x.add(1);
        try (Tape tape = Tape.open()) {
            Tensor aside = h.mul(x);
            Tensor steps = h.sign().mul(x);
            assertThat(tape.differentiableGradients(x.exp().add(w), List.of(x)).of(x).item()).isEqualTo(Math.exp(2));
            assertThat(tape.differentiableGradients(steps, List.of(x)).of(x).item()).as("flat").isEqualTo(1);
            assertThat(tape.differentiableGradients(aside.mul(w), List.of(w)).of(w).item()).as("data").isEqualTo(8);
            assertThat(tape.gradients(h.mul(v), List.of(v)).of(v).item()).as("a sister").isEqualTo(4);
        }
    }

    @Test
    void otherThreadsCheckpointsAndStoppedTapes() {
        try (Tape tape = Tape.open()) {
            Tensor h = CompletableFuture.supplyAsync(() -> {
                try (Scope own = Scope.open()) {
                    return scope.adopt(x.square());
                }
            }).join();
            Gradients gradients = tape.differentiableGradients(h.mul(x), List.of(x));
            assertThatThrownBy(() -> gradients.of(x)).hasMessageContaining("mul[], which was computed from x[] where this tape"
                    + " does not record, on another thread or inside of a checkpoint");
            assertThatThrownBy(() -> tape.gradients(h, List.of(x))).hasMessage("gradients: mul[] was computed where this tape"
                    + " does not record, on another thread or inside of a checkpoint, so the tape cannot differentiate it");
        }
        try (Tape tape = Tape.open()) {
            Tensor[] inner = new Tensor[1];
            Tensor y = Tape.checkpointed(() -> {
                inner[0] = scope.adopt(x.square());
                return inner[0].mul(x);
            });
            Tensor hidden = inner[0];
            assertThat(tape.differentiableGradients(y, List.of(x)).of(x).item()).isEqualTo(12);
            assertThatThrownBy(() -> tape.gradients(hidden.mul(x), List.of(x)).of(x)).hasMessageContaining("inside of a");
        }
        try (Tape tape = Tape.open()) {
            x.square();
            tape.stop();
            Tensor late = x.exp();
            assertThatThrownBy(() -> tape.gradients(late, List.of(x))).hasMessage("gradients: exp[] was computed after this"
                    + " tape had stopped, so the tape cannot differentiate it");
        }
        Tensor y;
        try (Tape tape = Tape.open()) {
            y = Tape.checkpointed(x::square);
        }
        try (Tape tape = Tape.open()) {
            assertThatThrownBy(() -> tape.gradients(y.mul(x), List.of(x)).of(x)).hasMessageContaining("before this tape");
        }
    }

    @Test
    void whatIsPausedIsConstantToThoseThatPausedAndLaterOnes() {
        Tensor before = Tape.paused(x::square);
        try (Tape tape = Tape.open()) {
            Tensor h = Tape.paused(x::square);
            Tensor g = Tape.paused(() -> Transforms.grad(Tensor::square).apply(x)); // on an inner tape
            Tensor y = h.mul(x).add(before.mul(x)).add(g.mul(x));
            assertThat(tape.gradients(y, List.of(x)).of(x).item()).isEqualTo(4 + 4 + 4);
            Tape.paused(() -> {
                Tensor k = x.square();
                try (Tape inside = Tape.open()) { // has paused nothing
                    assertThatThrownBy(() -> inside.gradients(k.mul(x), List.of(x)).of(x))
                            .hasMessageContaining("before this tape opened");
                }
                return null;
            });
        }
        Object key = new Object();
        try (Tape tape = Tape.open()) {
            Tensor memo = Tape.paused(() -> Tape.memoized(key, List.of(x), x::square));
            try (Tape inner = Tape.open()) {
                assertThatThrownBy(() -> inner.gradients(memo.mul(x), List.of(x)).of(x)).hasMessageContaining("before this");
            }
        }
    }

    @Test
    void anInnerTapeRefusesToo() {
        try (Tape outer = Tape.open()) {
            Tensor h = x.square();
            try (Tape inner = Tape.open()) {
                assertThatThrownBy(() -> inner.gradients(h.mul(x), List.of(x)).of(x)).hasMessageContaining("before this tape");
            }
            UnaryOperator<Tensor> partial = t -> h.mul(t); // a derivative in the argument and in nothing else
            Tensor g = Transforms.grad(partial).apply(x);
            assertThat(g.item()).isEqualTo(4);
            assertThat(outer.gradients(g, List.of(x)).of(x).item()).isEqualTo(4);
        }
    }

    @Test
    void variablesThatAreReplacedAndNotChangedInPlace() {
        Tensor w = scalar(1);
        Tensor b = scalar(1);
        for (int step = 0; step < 20; step++) { // (w + b − x)²: both go to 1, each step from the gradients in both
            try (Tape tape = Tape.open()) {
                Gradients gradients = tape.gradients(w.add(b.mul(2)).sub(x).square(), List.of(w, b));
                w = w.sub(gradients.of(w).mul(0.05));
                b = b.sub(gradients.of(b).mul(0.05));
            }
        }
        assertThat(w.add(b.mul(2)).item()).isBetween(1.99, 2.01);
        Tensor penalty = w.square();
        Tensor last = w;
        try (Tape tape = Tape.open()) {
            assertThatThrownBy(() -> tape.gradients(penalty.mul(last), List.of(last)).of(last))
                    .hasMessageContaining("would be incomplete");
        }
    }

    @Test
    void anOptimisersStepMakesNoPast() {
        try (Scope model = Scope.unattached()) {
            Parameter w = new Parameter("w", scalar(1), model);
            Parameter b = new Parameter("b", scalar(1), model);
            try (Sgd sgd = new Sgd(List.of(w, b), 0.1)) {
                for (int step = 0; step < 3; step++) {
                    try (Tape tape = Tape.open()) {
                        sgd.step(tape.gradients(w.tensor().mul(b.tensor()).sub(x).square(), sgd.tensors()));
                    }
                }
            }
            assertThat(w.tensor().item()).isBetween(1.2, 1.5);
        }
    }

    /** A value that is carried on lets go of what it came from, but not of what is still there. */
    @Test
    void longPasts() {
        Tensor early = x.add(1);
        Tensor carried = early;
        Tensor unrelated = scalar(0);
        List<Tensor> kept = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            Tensor from = carried;
            carried = Scope.run(() -> from.mul(0.5).add(1));
            scope.release(from == early ? scope.adopt(from) : from);
            if (i % 1000 == 0) {
                kept.add(scalar(i));
            }
        }
        Tensor last = carried;
        try (Tape tape = Tape.open()) {
            Tensor y = last.mul(x).mul(early).mul(unrelated.add(1)).mul(kept.getLast());
            Gradients gradients = tape.gradients(y, List.of(x, early, unrelated, kept.getFirst(), kept.getLast()));
            assertThatThrownBy(() -> gradients.of(x)).hasMessageContaining("would be incomplete");
            assertThatThrownBy(() -> gradients.of(early)).hasMessageContaining("would be incomplete");
            assertThat(gradients.of(unrelated).item()).isEqualTo(2 * 2 * 3 * 99_000);
            assertThat(gradients.of(kept.getLast()).item()).isEqualTo(12);
        }
        int reached = 0;
        for (Past past = last.storage().past; past != null; past = past.firstParent()) {
            reached++;
        }
        assertThat(reached).isLessThan(1 << 17);
    }
}

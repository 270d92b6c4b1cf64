// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.nn.AdamW;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.engine.op.MeanAbsoluteErrorGradient;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.transform.Transforms;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Small study programs: each gives the gradient that mathematics says, or an error that says why not. */
class CorrectOrRefusedTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
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
    void innerGradientsAreOnTheOuterTape() {
        Tensor x = scalar(2);
        try (Tape outer = Tape.open()) {
            Tensor g;
            try (Tape inner = Tape.open()) {
                g = inner.differentiableGradients(x.mul(x).mul(x), List.of(x)).of(x);
            }
            assertThat(outer.gradients(x.mul(g), List.of(x)).of(x).item()).isEqualTo(36);
        }
    }

    @Test
    void metaLearningDifferentiatesThroughAnInnerStep() {
        Tensor x = scalar(2);
        Tensor w = scalar(1);
        try (Tape outer = Tape.open()) {
            Tensor stepped;
            try (Tape inner = Tape.open()) {
                Tensor loss = w.sub(x).square();
                stepped = w.sub(inner.gradients(loss, List.of(w)).of(w).mul(0.1));
            }
            assertThat(outer.gradients(stepped.square(), List.of(w)).of(w).item()).isCloseTo(1.92, within(1e-12));
        }
    }

    @Test
    void takingGradientsPausesTheirOwnTapeOnly() {
        Tensor x = scalar(2);
        try (Tape outer = Tape.open(); Tape inner = Tape.open()) {
            Tensor y = x.mul(x);
            int before = outer.nodes().size();
            outer.gradients(y, List.of(x));
            assertThat(outer.nodes()).hasSize(before);
            assertThat(inner.nodes()).as("the inner tape sees what the outer one computes").hasSizeGreaterThan(before);
        }
    }

    @Test
    void pausingPausesAllOpenTapesAndNoLaterOne() {
        Tensor x = scalar(2);
        try (Tape outer = Tape.open(); Tape inner = Tape.open()) {
            double slope = Tape.paused(() -> {
                x.exp();
                try (Tape later = Tape.open()) {
                    return later.gradients(x.square(), List.of(x)).of(x).item();
                }
            });
            assertThat(slope).isEqualTo(4);
            assertThat(outer.nodes()).isEmpty();
            assertThat(inner.nodes()).isEmpty();
        }
    }

    @Test
    void memoizedValuesAreOnEveryTapeThatMayAsk() {
        Tensor x = scalar(3);
        Object key = new Object();
        try (Tape outer = Tape.open(); Tape inner = Tape.open()) {
            Tape.paused(() -> Tape.memoized(key, List.of(x), x::square));
            Tensor y = Tape.memoized(key, List.of(x), x::square);
            assertThat(inner.gradients(y, List.of(x)).of(x).item()).isEqualTo(6);
            assertThat(outer.gradients(y, List.of(x)).of(x).item()).isEqualTo(6);
        }
    }

    @Test
    void aNameMakesNoOtherTensor() {
        Tensor x = scalar(3);
        try (Tape tape = Tape.open()) {
            Tensor h = x.square().named("h");
            assertThat(tape.gradients(h.mul(2), List.of(x)).of(x).item()).isEqualTo(12);
        }
        try (Tape tape = Tape.open()) {
            Tensor y = x.square();
            Tensor later = x.named("x");
            assertThat(tape.differentiableGradients(y, List.of(later)).of(later).item()).isEqualTo(6);
            Gradients both = tape.gradients(y.named("y"), List.of(y));
            assertThat(both.of(y.named("again")).item()).isEqualTo(1);
        }
    }

    @Test
    void whatATapeHasNotSeenHasNoGradientAndItSaysWhy() {
        Tensor x = scalar(2).named("x");
        Tensor early = x.square();
        try (Tape tape = Tape.open()) {
            Gradients gradients = tape.differentiableGradients(early.mul(3), List.of(x, early));
            assertThatThrownBy(() -> gradients.of(x)).isInstanceOf(IllegalStateException.class).hasMessage("gradients:"
                    + " x[] was read by nothing on this tape, which takes mul[] for a constant, as it was computed before"
                    + " this tape opened; orZero takes its gradient for zeros");
            assertThat(gradients.orZero(x).item()).isZero();
            assertThat(gradients.of(early).item()).isEqualTo(3);
            Tensor unread = scalar(1).named("b");
            assertThatThrownBy(() -> tape.tangent(early.mul(3), List.of(unread), List.of(unread)))
                    .hasMessageContaining("b[] was read by nothing on this tape");
        }
        try (Tape tape = Tape.open()) {
            Gradients gradients = tape.gradients(x.detach().mul(3), List.of(x));
            assertThatThrownBy(() -> gradients.of(x)).hasMessageContaining(
                    "x[] was read by nothing on this tape, only a detached or reshaped copy of it by affine");
        }
        try (Tape tape = Tape.open()) {
            assertThatThrownBy(() -> tape.gradients(early, List.of(x))).hasMessage("gradients: mul[] was computed"
                    + " before this tape opened, so the tape cannot differentiate it");
            Tensor paused = Tape.paused(() -> Tape.labelled("net", x::exp));
            assertThatThrownBy(() -> tape.gradients(paused, List.of(x))).hasMessage("gradients: exp[] of net was"
                    + " computed while this tape was paused, so the tape cannot differentiate it");
        }
    }

    @Test
    void derivativesThatAreOneOrZero() {
        Tensor x = scalar(2);
        try (Tape tape = Tape.open()) {
            assertThat(tape.differentiableGradients(x.sum(), List.of(x)).of(x).item()).isEqualTo(1);
            assertThat(tape.gradients(x, List.of(x)).of(x).item()).isEqualTo(1);
        }
        try (Tape tape = Tape.open()) {
            Tensor first = tape.differentiableGradients(x.add(x), List.of(x)).of(x);
            assertThat(first.item()).isEqualTo(2);
            assertThat(tape.gradients(first, List.of(x)).of(x).item()).isZero();
        }
        try (Tape tape = Tape.open()) {
            Tensor constant = tape.differentiableGradients(x.add(1), List.of(x)).of(x);
            assertThat(tape.gradients(constant, List.of(x)).of(x).item()).isZero();
        }
    }

    @Test
    void anOptimisersStepMakesWhatTheTapeNeedsAnOlderVersion() {
        try (Scope model = Scope.unattached()) {
            Conv1dLayer layer = new Conv1dLayer(Weights.random(backend, model, 1).at("net"), 1, 1, 1,
                    ConvSpec.DEFAULT, WeightForm.PLAIN);
            Tensor weight = layer.parameters().get(1).tensor();
            try (AdamW optimiser = new AdamW(layer.parameters(), 0.1, 0.9, 0.99); Tape tape = Tape.open()) {
                Tensor detached = weight.detach();
                Tensor reshaped = weight.reshape(1);
                double before = weight.toArray().get(0);
                Tensor y = Tape.labelled("net", weight::square).sum();
                List<Tensor> ones = optimiser.tensors().stream()
                        .map(tensor -> Tensor.full(backend, tensor.shape(), 1)).toList();
                optimiser.step(ones);
                assertThat(weight.toArray().get(0)).isNotEqualTo(before);
                assertThat(detached.item()).isEqualTo(before);
                assertThat(reshaped.item()).isEqualTo(before);
                assertThatThrownBy(() -> tape.gradients(y, List.of(weight))).isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("mul (%1, net) needs net.weight[1,1,1] at version 0, but AdamW[rate=0.1")
                        .hasMessageContaining("step=1] has changed it to version 1");
            }
        }
    }

    @Test
    void theMomentsHaveVersionsToo() {
        Tensor w = scalar(3);
        Tensor m = scalar(0);
        Tensor v = scalar(0);
        Kernel.AdamW step = new Kernel.AdamW(0.1, 0.9, 0.99, 1e-8, 0.01, 1);
        try (Tape tape = Tape.open()) {
            Tensor y = m.add(1).mul(v.add(2)).mul(m);
            Tensor.update(step, w, scalar(1), m, v);
            assertThatThrownBy(() -> tape.gradients(y, List.of(m))).hasMessageContaining("tensor[] at version 0");
        }
        assertThatThrownBy(() -> Tensor.update(step, w, Tensor.full(backend, Shape.of(2), 1), m, v))
                .hasMessage("adamw: tensor[2] for parameter tensor[], expected equal shapes");
    }

    @Test
    void memoizedValuesAreComputedAgainAfterAStep() {
        Object key = new Object();
        Tensor w = scalar(3);
        try (Tape tape = Tape.open()) {
            assertThat(Tape.memoized(key, List.of(w), () -> w.mul(2)).item()).isEqualTo(6);
            Tensor.update(new Kernel.AdamW(0.5, 0.9, 0.99, 1e-8, 0, 1), w, scalar(1), scalar(0), scalar(0));
            assertThat(Tape.memoized(key, List.of(w), () -> w.mul(2)).item()).isCloseTo(5, within(1e-6));
        }
    }

    @Test
    void flatOpsDoNotMultiplyInfinityByZero() {
        Tensor x = scalar(1);
        Tensor one = scalar(1);
        try (Tape tape = Tape.open()) {
            Tensor y = x.sign().add(-1).sqrt();
            assertThat(tape.gradients(y, List.of(x)).of(x).item()).isZero();
        }
        for (int i = 0; i < 3; i++) { // second order: the gradient op is flat in x, and √ is infinitely steep at 0
            int which = i;
            try (Tape tape = Tape.open()) {
                Tensor y = which == 0 ? x.clampMin(0) : which == 1 ? x.leakyRelu(0.5) : x.meanAbsoluteError(scalar(0));
                Tensor slope = tape.differentiableGradients(y, List.of(x)).of(x);
                assertThat(tape.gradients(slope.sub(one).sqrt(), List.of(x)).of(x).item()).isZero();
            }
        }
        try (Tape tape = Tape.open()) {
            Tensor slope = Tensor.apply(new MeanAbsoluteErrorGradient(), x, scalar(0), one);
            assertThat(tape.gradients(slope.sub(one).sqrt(), List.of(x)).of(x).item()).isZero();
        }
    }

    @Test
    void labelsInsideGradientsAreTheNodes() {
        Tensor x = scalar(2);
        try (Tape tape = Tape.open()) {
            Tape.labelled("step", () -> {
                Tensor y = Tape.labelled("net", x::square);
                return tape.differentiableGradients(y, List.of(x));
            });
            assertThat(tape.nodes()).extracting(Tape.Node::label).containsOnly("step.net");
        }
    }

    @Test
    void closedTapesAndBackendsAreRefused() {
        Tensor x = scalar(2);
        Tape closed = Tape.open();
        Tensor y = x.square();
        closed.close();
        assertThatThrownBy(() -> closed.gradients(y, List.of(x))).hasMessageContaining("this Tape is closed");
        assertThatThrownBy(() -> closed.differentiableGradients(y, List.of(x)))
                .hasMessageContaining("this Tape is closed");
        ReferenceBackend other = new ReferenceBackend();
        Tensor z = Tensor.of(other, Shape.of(1), 1);
        other.close();
        for (Runnable use : List.<Runnable>of(z::toArray, () -> z.add(1), () -> Tensor.of(other, Shape.of(1), 1))) {
            assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class)
                    .hasMessage("reference: this backend is closed");
        }
    }

    @Test
    void whatIsLeftOpenInsideClosesWithIt() {
        Tensor x = scalar(2);
        Tape outer = Tape.open();
        Tape inner = Tape.open();
        Tensor y = x.square();
        outer.close();
        assertThatThrownBy(() -> inner.gradients(y, List.of(x))).hasMessageContaining("is closed");
        inner.close();
        x.square();
        assertThat(outer.nodes()).hasSize(1);
    }

    @Test
    void aStoppedTapeRecordsNoMoreAndDifferentiatesAgain() {
        Tensor x = scalar(2);
        try (Tape tape = Tape.open()) {
            Tensor y = x.square();
            tape.stop();
            for (int i = 0; i < 2; i++) {
                assertThat(tape.differentiableGradients(y, List.of(x)).of(x).item()).isEqualTo(4);
            }
            assertThat(tape.nodes()).hasSize(1);
        }
    }

    @Test
    void memoizedValuesFollowTheirInputs() {
        Object key = new Object();
        Tensor v = scalar(7);
        Parameter w = new Parameter("w", scalar(3), scope);
        try (Tape tape = Tape.open()) {
            assertThat(Tape.memoized(key, List.of(w.tensor()), () -> w.tensor().mul(2)).item()).isEqualTo(6);
            w.replace(scalar(4));
            Tensor again = Tape.memoized(key, List.of(w.tensor()), () -> w.tensor().mul(2));
            assertThat(again.item()).isEqualTo(8);
            assertThat(Tape.memoized(key, List.of(w.tensor()), () -> w.tensor().mul(2)).original())
                    .isSameAs(again.original());
            CompletableFuture.runAsync(() -> {
                try (Scope own = Scope.open()) {
                    Tensor.update(new Kernel.Sgd(1, 0, 0), w.tensor(), scalar(1), scalar(0));
                }
            }).join();
            assertThat(Tape.memoized(key, List.of(w.tensor()), () -> w.tensor().mul(2)).item()).isEqualTo(6);
            assertThatThrownBy(() -> Tape.memoized(key, List.of(v), () -> w.tensor().mul(v)))
                    .hasMessageContaining("memoized: mul reads tensor[], expected one of the inputs [tensor[]]");
            assertThat(tape.nodes()).isNotEmpty();
        }
    }

    @Test
    void tangentsAddUpWhereOneTensorDependsOnAnother() {
        Tensor x = scalar(2);
        Tensor one = scalar(1);
        try (Tape tape = Tape.open()) {
            Tensor h = x.square();
            Tensor y = h.mul(x).add(h); // x³ + x²: 3x² + 2x in x, x + 1 in h
            assertThat(tape.tangent(y, List.of(x, h), List.of(one, one)).item()).isEqualTo(16 + 3);
            assertThat(tape.tangent(y, List.of(h, x), List.of(one, one)).item()).isEqualTo(16 + 3);
            assertThat(tape.tangent(y, List.of(x, x), List.of(one, one.mul(2))).item()).isEqualTo(3 * 16);
            assertThat(tape.tangent(y, List.of(y, x), List.of(one, one)).item()).isEqualTo(1 + 16);
            Gradients gradients = tape.gradients(y, List.of(x, h, x));
            assertThat(gradients.of(x).item()).isEqualTo(16);
            assertThat(gradients.of(h).item()).isEqualTo(3);
        }
    }

    @Test
    void gradientsAreNobodyElsesStorage() {
        Kernel.Sgd step = new Kernel.Sgd(1, 0, 0);
        Tensor upstream = scalar(5);
        Tensor x = scalar(2);
        Tensor y = scalar(3);
        try (Tape tape = Tape.open()) {
            Gradients gradients = tape.gradients(x.add(y), upstream, List.of(x, y));
            Tensor.update(step, gradients.of(x), scalar(1), scalar(0));
            assertThat(gradients.of(x).item()).isEqualTo(4);
            assertThat(gradients.of(y).item()).isEqualTo(5);
            assertThat(upstream.item()).isEqualTo(5);
        }
        try (Tape tape = Tape.open()) {
            Tensor tangent = tape.tangent(x, List.of(x), List.of(upstream));
            Tensor.update(step, tangent, scalar(1), scalar(0));
            assertThat(tangent.item()).isEqualTo(4);
            assertThat(upstream.item()).isEqualTo(5);
        }
    }

    @Test
    void stateThatAVmappedFunctionChangesIsRefused() {
        Tensor batch = Tensor.of(backend, Shape.of(2), 1, 2);
        Tensor w = scalar(3).named("w");
        Parameter state = new Parameter("state", scalar(1), scope);
        assertThatThrownBy(() -> Transforms.vmap(t -> {
            Tensor.update(new Kernel.Sgd(1, 0, 0), w, t, scalar(0));
            return t.mul(w);
        }).apply(batch)).hasMessageContaining("vmap: sgd would change w[] in place inside the function");
        assertThat(w.item()).isEqualTo(3);
        assertThatThrownBy(() -> Transforms.vmap(t -> {
            state.replace(t.mul(2));
            return t.mul(state.tensor());
        }).apply(batch)).hasMessageContaining("vmap: state would take the first example's affine[]");
        assertThat(state.tensor().item()).isEqualTo(1);
        assertThat(Transforms.vmap(t -> {
            state.replace(w.mul(2));
            return t.mul(state.tensor());
        }).apply(batch).toArray().doubles()).as("the same for all examples").containsExactly(6, 12);
    }
}

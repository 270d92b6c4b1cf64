// SPDX-License-Identifier: Apache-2.0
package aulos.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import aulos.engine.op.Op;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.study.Anomalies;
import aulos.engine.study.Profile;
import aulos.engine.study.Stepper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The observers, from outside of the engine's packages as a study program is. */
class ObserverTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;
    private Tape tape;

    @BeforeEach
    void open() {
        scope = Scope.open();
        tape = Tape.open();
    }

    @AfterEach
    void close() {
        tape.close();
        scope.close();
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void anAnomalyForwardsIsNamedWithOpLabelAndLine() {
        Tensor x = Tensor.of(backend, Shape.of(3), 1, -1, 4).named("x");
        Anomalies.on(tape);
        Tensor fine = x.add(2).log();
        assertThatThrownBy(() -> Tape.labelled("net", () -> fine.mul(x.sqrt()))).isInstanceOf(ArithmeticException.class)
                .hasMessageStartingWith("anomaly: sqrt in net at aulos.study.ObserverTest.lambda$")
                .hasMessageContaining("(ObserverTest.java:", " gives NaN at element 1 of [3], of [x[3] on reference: [1, -1, 4]]");
    }

    @Test
    void anAnomalyBackwardsIsNamedWithTheLineThatRanForwards() {
        Tensor x = Tensor.of(backend, Shape.of(2), 1, 0).named("x");
        Anomalies.on(tape);
        Tensor y = Tape.labelled("net", x::sqrt).sum();
        assertThatThrownBy(() -> tape.gradients(y, List.of(x))).isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("anomaly: the backward pass through %0 sqrt in net to its input 0, x[2], gives"
                        + " Infinity at element 1 of [2]; the op ran at aulos.study.ObserverTest."
                        + "anAnomalyBackwardsIsNamedWithTheLineThatRanForwards(ObserverTest.java:");
    }

    @Test
    void theProfileCountsByOpLabelAndDirection() {
        Tensor x = Tensor.full(backend, Shape.of(100), 0.5);
        Profile profile = Profile.on(tape);
        Tensor y = Scope.run(() -> Tape.labelled("net", x::exp).mul(x).sum());
        tape.gradients(y, List.of(x));
        Profile.Entry forward = entry(profile, "exp", Profile.Direction.FORWARD);
        assertThat(forward.key().label()).isEqualTo("net");
        assertThat(forward.calls()).isEqualTo(1);
        assertThat(forward.bytesMoved()).isEqualTo(1600);
        assertThat(forward.bytesHeld()).as("its output").isEqualTo(800);
        assertThat(entry(profile, "mul", Profile.Direction.FORWARD).bytesHeld()).as("x; exp holds the other").isEqualTo(800);
        Profile.Entry backward = entry(profile, "exp", Profile.Direction.BACKWARD);
        assertThat(backward.key().label()).isEqualTo("net");
        assertThat(backward.calls()).as("the product, and adding it to mul's").isEqualTo(2);
        assertThat(backward.bytesMoved()).isEqualTo(2 * 3 * 800);
        assertThat(profile.entries()).allMatch(entry -> entry.calls() == 0 || entry.nanoseconds() > 0);
        assertThat(profile.table()).contains("exp", "backward", "net", "MB held");
    }

    private static Profile.Entry entry(Profile profile, String op, Profile.Direction direction) {
        return profile.entries().stream()
                .filter(entry -> entry.key().op().equals(op) && entry.key().direction() == direction).findFirst().orElseThrow();
    }

    @Test
    void theStepperShowsEveryProduct() {
        Tensor x = Tensor.of(backend, Shape.of(2), 3, 4).named("x");
        List<String> steps = new ArrayList<>();
        Stepper.on(tape, step -> steps.add(step.toString()));
        Tensor y = Tape.labelled("net", () -> x.mul(x)).sum();
        tape.gradients(y, List.of(x));
        assertThat(steps).containsExactly(
                "%2 reshape: ∂%2 = 1 → ∂%1 += [1], now [1]",
                "%1 sum: ∂%1 = [1] → ∂%0 += [1, 1], now [1, 1]",
                "%0 mul: ∂%0 = [1, 1] → ∂x[2] += [3, 4], now [3, 4]  # net",
                "%0 mul: ∂%0 = [1, 1] → ∂x[2] += [3, 4], now [6, 8]  # net");
    }

    @Test
    void whatObserversComputeIsNotRecordedNorShown() {
        Tensor x = Tensor.of(backend, Shape.of(2), 3, 4);
        List<String> seen = new ArrayList<>();
        tape.observe(new TapeObserver() {
            @Override
            public void ran(Op op, List<Tensor> inputs, Tensor output) {
                seen.add(op.name());
                Scope.run(() -> output.square().sum());
            }
        });
        x.exp();
        Tape.paused(x::abs);
        assertThat(seen).containsExactly("exp", "abs");
        assertThat(tape.nodes()).hasSize(1);
    }

    @Test
    void tensorsShowTheirValues() {
        assertThat(Tensor.of(backend, Shape.of(2, 3), 1, 2, 0.5, -1, 1e-9, Double.NaN).named("w"))
                .hasToString("w[2,3] on reference: [[1, 2, 0.5], [-1, 1.0E-9, NaN]]");
        assertThat(Tensor.full(backend, Shape.of(100), 2)).hasToString("tensor[100] on reference: [2, 2, 2, …, 2, 2, 2]");
        assertThat(Tensor.of(backend, Shape.SCALAR, 7).exp().mul(0).add(7)).hasToString("affine[] on reference: 7");
        Tensor[] freed = new Tensor[1];
        Scope.run(() -> {
            freed[0] = Tensor.of(backend, Shape.SCALAR, 1);
            return Tensor.of(backend, Shape.SCALAR, 1);
        });
        assertThat(freed[0]).hasToString("tensor[] on reference, freed");
    }
}

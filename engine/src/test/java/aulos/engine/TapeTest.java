// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class TapeTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @Test
    void printsTypedLinesWithLabels() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.full(backend, Shape.of(1, 2, 8), 1).named("x");
            Tensor w = Tensor.full(backend, Shape.of(4, 2, 3), 1).named("w");
            Tensor y = Tape.labelled("resblocks", () -> Tape.labelled("0.convs1.0",
                    () -> x.conv1d(w, ConvSpec.same(3, 1), Fusion.NONE.withInputSlope(0.1))));
            y.abs().mean();
            assertThat(tape.toString()).isEqualTo("""
                    %0: [1,4,8] = conv1d(x[1,2,8], w[4,2,3]) p1 lrelu0.1  # resblocks.0.convs1.0
                    %1: [1,4,8] = abs(%0)
                    %2: [1,1,1] = sum(%1)
                    %3: [] = reshape(%2)
                    %4: [] = affine(%3) 0.03125x
                    """);
            assertThat(tape.toDot()).startsWith("digraph tape {").contains("\"x\" -> \"%0\"", "\"%0\" -> \"%1\"");
            assertThat(tape.toJson()).contains("{\"id\": \"%0\", \"op\": \"conv1d\", \"parameters\": \"p1 lrelu0.1\", "
                    + "\"label\": \"resblocks.0.convs1.0\", \"shape\": [1,4,8], \"inputs\": [{\"ref\": \"x\", "
                    + "\"shape\": [1,2,8]}, {\"ref\": \"w\", \"shape\": [4,2,3]}]}");
            tape.check();
        }
    }

    @Test
    void everyLeafHasANameOfItsOwn() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.full(backend, Shape.SCALAR, 1).named("x");
            Tensor w = Tensor.full(backend, Shape.SCALAR, 1).named("w");
            Tensor otherW = Tensor.full(backend, Shape.SCALAR, 1).named("w");
            Tensor odd = Tensor.full(backend, Shape.SCALAR, 1).named("%1");
            Tensor unnamed = Tensor.full(backend, Shape.SCALAR, 1);
            x.mul(x.detach());
            w.mul(otherW).add(odd).add(unnamed);
            unnamed.add(odd.named("odd"));
            assertThat(tape.toString()).isEqualTo("""
                    %0: [] = mul(x[], x#2[])
                    %1: [] = mul(w[], w#2[])
                    %2: [] = add(%1, '%1'[])
                    %3: [] = add(%2, $0[])
                    %4: [] = add($0[], '%1'[])
                    """);
            assertThat(tape.toDot()).contains("\"x#2\" -> \"%0\"", "\"w#2\" -> \"%1\"", "\"'%1'\" -> \"%2\"")
                    .doesNotContain("\"%1\" -> \"%1\"");
            assertThat(tape.toJson()).contains("{\"ref\": \"w#2\", \"shape\": []}");
        }
    }

    /** Searching all text so far for each leaf took 10 s for 30,000 of them: 16 times as long for 4 times as many. */
    @Test
    void drawingVisitsEachLeafOnce() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor sum = Tensor.full(backend, Shape.SCALAR, 0);
            for (int i = 0; i < 30_000; i++) {
                sum = sum.add(Tensor.full(backend, Shape.SCALAR, i).named("w"));
            }
            assertThat(tape.toDot().lines().filter(line -> line.contains("label="))).hasSize(60_001);
        }
    }

    @Test
    void hundredThousandNodesDifferentiate() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.full(backend, Shape.SCALAR, 0.5);
            Tensor y = x;
            for (int i = 0; i < 100_000; i++) {
                y = y.mul(0.99999).add(1e-6);
            }
            double slope = tape.gradients(y, List.of(x)).of(x).item();
            assertThat(slope).isEqualTo(Math.pow(0.99999, 100_000), org.assertj.core.api.Assertions.within(1e-9));
        }
    }

    @Test
    void computesOnlyWhatIsAskedFor() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.full(backend, Shape.of(1, 1, 9), 1);
            Tensor w = Tensor.full(backend, Shape.of(1, 1, 3), 1);
            Tensor loss = x.conv1d(w, ConvSpec.DEFAULT).square().mean();
            int forward = tape.nodes().size();
            tape.differentiableGradients(loss, List.of(x));
            assertThat(tape.nodes().subList(forward, tape.nodes().size()))
                    .noneMatch(node -> node.op().name().equals("conv1d_weight_gradient"))
                    .anyMatch(node -> node.op().name().equals("conv_transpose1d"));
        }
    }

    @Test
    void gradientsAddUpOverUses() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
            Tensor unused = Tensor.of(backend, Shape.of(2), 1, 1);
            Tensor loss = x.mul(x).add(x.mul(3)).sum();
            Gradients gradients = tape.gradients(loss, List.of(x, unused));
            assertThat(gradients.of(x).toArray().doubles()).containsExactly(5, 7, 9);
            assertThat(gradients.orZero(unused).toArray().doubles()).containsExactly(0, 0);
            assertThatThrownBy(() -> gradients.of(loss)).hasMessageContaining("was asked for");
            assertThatThrownBy(() -> tape.gradients(loss, List.of(x))).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has been differentiated");
        }
    }

    @Test
    void detachedTensorsStopGradients() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 3, 4);
            Tensor loss = x.mul(x.detach()).sum();
            assertThat(tape.gradients(loss, List.of(x)).of(x).toArray().doubles()).containsExactly(3, 4);
        }
    }

    @Test
    void memoizedValuesAreComputedOncePerTape() {
        Object key = new Object();
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 3, 4);
            Tensor paused = Tape.paused(() -> Tape.memoized(key, List.of(x), x::square));
            Tensor first = Tape.memoized(key, List.of(x), () -> Scope.run(x::square));
            Tensor second = Tape.memoized(key, List.of(x), x::square);
            assertThat(second).isSameAs(first).isSameAs(paused);
            assertThat(tape.nodes()).hasSize(1);
            Tensor loss = first.add(second).sum();
            assertThat(tape.gradients(loss, List.of(x)).of(x).toArray().doubles()).containsExactly(12, 16);
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void refusesWhatItDidNotRecord() {
        try (Scope scope = Scope.open()) {
            Tensor early = Tensor.of(backend, Shape.of(1), 3).square();
            try (Tape tape = Tape.open()) {
                Tensor wide = Tensor.of(backend, Shape.of(2), 1, 2).abs();
                assertThatThrownBy(() -> tape.gradients(early, List.of(wide)))
                        .hasMessageContaining("was computed before this tape opened");
                assertThatThrownBy(() -> tape.gradients(wide, List.of(wide)))
                        .hasMessage("gradients: result [2] has 2 elements, expected 1 (or an upstream gradient)");
            }
        }
    }
}

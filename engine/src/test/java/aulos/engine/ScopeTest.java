// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @Test
    void freesAllButWhatIsKept() {
        try (Scope outer = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
            Tensor sum = Scope.run(() -> x.mul(2).add(1).abs().sum());
            assertThat(backend.liveBuffers()).isEqualTo(2);
            assertThat(sum.item()).isEqualTo(15);
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void tapeHoldsOnlyWhatItsProductsRead() {
        try (Scope outer = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 3);
            Tensor loss = Scope.run(() -> x.add(1).mul(2).exp().add(3).sum());
            assertThat(backend.liveBuffers()).as("x, the exponential for its own derivative, the loss").isEqualTo(3);
            tape.gradients(loss, List.of(x));
            assertThat(backend.liveBuffers()).as("x, the loss and the gradient").isEqualTo(3);
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void usingAFreedTensorIsAnError() {
        Tensor escaped;
        try (Scope scope = Scope.open()) {
            escaped = Tensor.of(backend, Shape.of(1), 1);
        }
        assertThatThrownBy(escaped::toArray).hasMessage("toArray: tensor[1] was used after its scope had freed it"
                + " (-Daulos.leaks=true tells where it was made)");
        assertThatThrownBy(() -> Tensor.of(backend, Shape.of(1), 1)).hasMessageContaining("no Scope is open");
    }

    @Test
    void usingAFreedTensorNamesOpTensorLabelAndPlace() {
        Leaks.watch(true);
        try (Scope outer = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 1, 2).named("x");
            Tensor[] escaped = new Tensor[1];
            Scope.run(() -> {
                escaped[0] = Tape.labelled("net", x::exp);
                return x;
            });
            assertThatThrownBy(() -> Tape.labelled("loss", () -> x.mul(escaped[0]))).hasMessageStartingWith(
                    "mul: exp[2] of net was used after its scope had freed it; it was made\n    at ")
                    .hasMessageContaining("ScopeTest.usingAFreedTensorNamesOpTensorLabelAndPlace");
            assertThatThrownBy(() -> outer.adopt(escaped[0])).hasMessageContaining("adopt: exp[2] of net was used");
            assertThatThrownBy(escaped[0]::detach).hasMessageContaining("detach: exp[2] of net was used");
        } finally {
            Leaks.watch(false);
        }
    }

    @Test
    void aScopeLeftOpenInsideAnotherClosesWithIt() {
        Scope outer = Scope.open();
        Scope inner = Scope.open();
        Tensor.of(backend, Shape.of(1), 1);
        outer.close();
        assertThat(backend.liveBuffers()).isZero();
        inner.close();
        assertThatThrownBy(() -> Tensor.of(backend, Shape.of(1), 1)).hasMessageContaining("no Scope is open");
    }

    @Test
    void scopesCloseOnTheirOwnThread() throws InterruptedException {
        try (Scope scope = Scope.open()) {
            Throwable[] thrown = new Throwable[1];
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    scope.close();
                } catch (IllegalStateException refused) {
                    thrown[0] = refused;
                }
            });
            other.join();
            assertThat(thrown[0]).hasMessageContaining("opened on another thread");
        }
    }

    @Test
    void leaksAreNamedByWhereTheyWereAllocated() {
        Leaks.watch(true);
        try (Scope model = Scope.unattached()) {
            try (Scope scope = Scope.open()) {
                model.adopt(Tensor.of(backend, Shape.of(5), 1, 2, 3, 4, 5));
                Tensor.of(backend, Shape.of(1), 1);
            }
            assertThat(Leaks.report()).singleElement().asString().startsWith("5 elements on reference")
                    .contains("ScopeTest.leaksAreNamedByWhereTheyWereAllocated");
        }
        assertThat(Leaks.report()).isEmpty();
        Leaks.watch(false);
    }
}

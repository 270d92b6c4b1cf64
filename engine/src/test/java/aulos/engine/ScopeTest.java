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
        assertThatThrownBy(escaped::toArray).hasMessage("a tensor was used after its scope had freed it");
        assertThatThrownBy(() -> Tensor.of(backend, Shape.of(1), 1)).hasMessageContaining("no Scope is open");
    }

    @Test
    void scopesCloseInOrder() {
        try (Scope outer = Scope.open()) {
            try (Scope inner = Scope.open()) {
                assertThatThrownBy(outer::close).hasMessageContaining("reverse order");
            }
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

// SPDX-License-Identifier: Apache-2.0
package aulos.study;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.op.HostOp;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.study.Microscope;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two backends that agree, but for ops that are told to be wrong the second time. */
class MicroscopeTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final ReferenceBackend other = new ReferenceBackend();

    private static Tensor wrongTheSecondTime(Tensor x) {
        int[] calls = new int[1];
        return HostOp.custom("odd", HostOp.pointwise(value -> calls[0]++ < 3 ? value : 1.5 * value),
                (argument, inputs, output, gradient) -> gradient, x);
    }

    @Test
    void namesTheFirstOpThatDiffersAndWhatInheritsIt() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open(); Microscope microscope = Microscope.on(tape, other)) {
            Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, 4);
            Tensor y = Tape.labelled("net", () -> wrongTheSecondTime(x.mul(2))).square();
            tape.gradients(y.sum(), List.of(x));
            assertThat(microscope.firstBeyond(0.1)).get().hasToString("%1 odd in net: 5.00e-01");
            assertThat(microscope.readings()).filteredOn(reading -> reading.op().equals("mul"))
                    .singleElement().extracting(Microscope.Reading::error).isEqualTo(1.25); // 1.5² − 1
            assertThat(microscope.readings()).filteredOn(reading -> reading.op().equals("∂odd"))
                    .singleElement().extracting(Microscope.Reading::error).isEqualTo(0.5);
            assertThat(microscope.table()).containsPattern("mul +1   1\\.25e\\+00  %2").containsPattern("∂odd +1   5\\.00e-01  %1 to 0 net");
        }
        assertThat(backend.liveBuffers() + other.liveBuffers()).isZero();
    }

    @Test
    void equalBackendsHaveNoErrorForwardsOrBackwards() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open(); Microscope microscope = Microscope.on(tape, other)) {
            Tensor x = Tensor.of(backend, Shape.of(2, 2), 1, -2, 0.5, 4);
            Tensor y = Tape.checkpointed(() -> x.matmul(x).tanh().add(x).max(1));
            tape.gradients(y.mul(y.exp()), Tensor.of(backend, Shape.of(2, 1), 3, 4), List.of(x));
            assertThat(microscope.readings()).hasSizeGreaterThan(12).allMatch(reading -> reading.error() == 0);
            assertThat(microscope.firstBeyond(0)).isEmpty();
        }
        assertThat(backend.liveBuffers() + other.liveBuffers()).isZero();
    }
}

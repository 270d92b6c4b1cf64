// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Gradients;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.op.OpCases;
import aulos.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the table of op cases, value and gradients, on a backend against the reference. */
public abstract class OpCasesContract {
    private static final ReferenceBackend REFERENCE = new ReferenceBackend();

    static List<OpCases.Case> cases() {
        return OpCases.all();
    }

    /** The backend that is tested; the same each time. */
    protected abstract Backend backend();

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(OpCases.Case row) {
        compare(row, backend());
    }

    /** Value and gradients of one row. */
    public static void compare(OpCases.Case row, Backend backend) {
        List<NdArray> expected = valueAndGradients(row, REFERENCE);
        List<NdArray> actual = valueAndGradients(row, backend);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
            for (int j = 0; j < expected.get(i).shape().size(); j++) {
                double reference = expected.get(i).get(j);
                assertThat(Math.abs(actual.get(i).get(j) - reference)).as("%s, result %d, element %d", row, i, j)
                        .isLessThan(2e-5 * Math.max(1, Math.abs(reference)));
            }
        }
    }

    private static List<NdArray> valueAndGradients(OpCases.Case row, Backend backend) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> inputs = row.inputs(5).stream().map(array -> Tensor.of(backend, array)).toList();
            Tensor output = row.apply(inputs);
            Gradients gradients = tape.gradients(output, output.detach(), inputs);
            List<NdArray> results = new ArrayList<>(List.of(output.toArray()));
            inputs.forEach(input -> results.add(gradients.of(input).toArray()));
            return results;
        }
    }
}

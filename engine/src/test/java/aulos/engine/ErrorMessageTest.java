// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.op.HostOp;
import aulos.engine.op.MeanAbsoluteErrorGradient;
import aulos.engine.op.Op;
import aulos.engine.op.OpCases;
import aulos.engine.op.RowProjection;
import aulos.engine.op.WeightNorm;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.transform.Transforms;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every message says what was given, what was expected, and where. */
class ErrorMessageTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void convolution() {
        assertThatThrownBy(() -> zeros(8, 80, 32).conv1d(zeros(512, 64, 7), ConvSpec.DEFAULT))
                .hasMessage("conv1d: input [8,80,32] has 80 channels, weight [512,64,7] expects 64");
        assertThatThrownBy(() -> zeros(1, 8, 4).conv1d(zeros(6, 2, 3), ConvSpec.DEFAULT.withGroups(4)))
                .hasMessage("conv1d: weight [6,2,3] has 6 output channels, which 4 groups do not divide");
        assertThatThrownBy(() -> zeros(1, 2, 4).conv1d(zeros(6, 2, 7), ConvSpec.DEFAULT))
                .hasMessage("conv1d: input of length 4 with padding 0 is shorter than the kernel's span of 7");
        assertThatThrownBy(() -> zeros(1, 2, 4).conv1d(zeros(6, 2, 3), zeros(5), ConvSpec.DEFAULT))
                .hasMessage("conv1d: bias [5], expected [6] for output [1,6,2]");
        assertThatThrownBy(() -> zeros(1, 2, 4).convTranspose1d(zeros(3, 2, 3), zeros(2), ConvSpec.DEFAULT))
                .hasMessage("conv_transpose1d: input [1,2,4] has 2 channels, weight [3,2,3] expects 3");
    }

    @Test
    void shapes() {
        assertThatThrownBy(() -> zeros(2, 3).add(zeros(2, 4)))
                .hasMessage("add: shapes [2,3] and [2,4] do not broadcast: 3 against 4 in axis -1, expected equal or 1");
        assertThatThrownBy(() -> zeros(2, 3).matmul(zeros(2, 3)))
                .hasMessage("matmul: [2,3] and [2,3] have inner dimensions 3 and 2, expected equal ones");
        assertThatThrownBy(() -> zeros(2, 3).reshape(7))
                .hasMessage("reshape: input [2,3] has 6 elements, expected 7 as in [7]");
        assertThatThrownBy(() -> zeros(2, 3).reflectPad(3, 0))
                .hasMessage("reflect_pad: 3 and 0 on input [2,3], expected 0 to 2 on each side");
        assertThatThrownBy(() -> zeros(2, 3).slice(1, 2, 4))
                .hasMessage("slice: 2 to 4 along axis 1 of [2,3], expected 0 <= start < end <= 3");
        assertThatThrownBy(() -> zeros(2, 3).permute(0, 0))
                .hasMessage("permute: axes [0, 0] are not a permutation of the 2 axes of [2,3]");
        assertThatThrownBy(() -> Tensor.apply(new WeightNorm(), zeros(2, 3), zeros(2, 3)))
                .hasMessage("weight_norm: gains [2,3], expected [2,1] for rows [2,3]");
        assertThatThrownBy(() -> Tensor.apply(new RowProjection(), zeros(), zeros()))
                .hasMessage("row_projection: input [], expected rows [n, …]");
        assertThatThrownBy(() -> zeros(2, 3).meanAbsoluteError(zeros(3)))
                .hasMessage("mean_absolute_error: inputs [2,3] and [3], expected equal shapes");
        assertThatThrownBy(() -> Tensor.apply(new MeanAbsoluteErrorGradient(), zeros(2), zeros(2), zeros(2)))
                .hasMessage("mean_absolute_error_gradient: gradient [2], expected a scalar []");
        assertThatThrownBy(() -> Shape.of(1, 2, 3, 4, 5, 6, 7)).hasMessageContaining("has rank 7, expected at most 6");
        assertThatThrownBy(() -> Shape.of(70000, 70000)).hasMessageContaining("has more than 2147483647 elements");
        assertThatThrownBy(() -> Shape.of(2, 0)).hasMessageContaining("has dimension 0, expected at least 1");
    }

    @Test
    void axesAndRanks() {
        assertThatThrownBy(() -> zeros(2, 3).sum(5))
                .hasMessage("sum: axis 5 of input [2,3], expected an axis from -2 to 1");
        assertThatThrownBy(() -> Tape.labelled("net.0", () -> zeros(2, 3).slice(7, 0, 1)))
                .hasMessage("slice: axis 7 of input [2,3], expected an axis from -2 to 1 (in net.0)");
        assertThatThrownBy(() -> zeros().frame(2, 1)).hasMessage("frame: input [], expected rank 1 or more");
        assertThatThrownBy(() -> zeros().realDft())
                .hasMessage("real_dft: axis -1 of input [], expected an input of rank 1 or more");
        assertThatThrownBy(() -> Tensor.concat(0)).hasMessage("concat: no inputs, expected at least 1");
        assertThatThrownBy(() -> zeros(1, 2, 3).conv1d(zeros(2), ConvSpec.DEFAULT))
                .hasMessage("conv1d: input [1,2,3] and weight [2], expected rank 3: [B,C,T] and [Cout,Cin/groups,K]");
        assertThatThrownBy(() -> zeros(2, 3).convTranspose1d(zeros(2, 3, 4), zeros(3), ConvSpec.DEFAULT))
                .hasMessage("conv_transpose1d: input [2,3] has rank 2, expected 3");
        assertThatThrownBy(() -> zeros(2, 3).averagePool1d(2, 1, 0))
                .hasMessage("average_pool1d: input [2,3] has rank 2, expected 3");
        assertThatThrownBy(() -> zeros(3).sumTo(Shape.of(2, 3)))
                .hasMessage("sum_to: input [3] cannot be summed to [2,3], expected one that broadcasts to [3]");
    }

    @Test
    void methodsOfSeveralOpsNameThemselves() {
        assertThatThrownBy(() -> zeros(2, 3).softmax(5))
                .hasMessage("softmax: axis 5 of input [2,3], expected an axis from -2 to 1");
        assertThatThrownBy(() -> zeros(2, 3).logSumExp(0, 2))
                .hasMessage("log_sum_exp: axis 2 of input [2,3], expected an axis from -2 to 1");
        assertThatThrownBy(() -> zeros(2, 3).min(2))
                .hasMessage("min: axis 2 of input [2,3], expected an axis from -2 to 1");
        assertThatThrownBy(() -> Tape.labelled("net", () -> zeros(2).where(zeros(3), zeros(2))))
                .hasMessage("where: condition [2], yes [3] and no [2]: shapes [2] and [3] do not broadcast: 2 against 3 in axis"
                        + " -1, expected equal or 1 (in net)");
        assertThatThrownBy(() -> zeros(2, 3).sumTo(Shape.of(2)))
                .hasMessage("sum_to: input [2,3] cannot be summed to [2], expected one that broadcasts to [2,3]");
        assertThatThrownBy(() -> Transforms.hessian(t -> t.sum()).apply(zeros(1, 2, 1, 2)))
                .hasMessage("hessian: of argument [1,2,1,2] it has rank 8, expected at most 6: flatten them first");
        assertThatThrownBy(() -> Transforms.jacobian(t -> t).apply(zeros(1, 2, 1, 2)))
                .hasMessage("jacobian: of value [1,2,1,2] and argument [1,2,1,2] it has rank 8, expected at most 6: flatten them"
                        + " first");
    }

    @Test
    void everyMessageSaysWhatWasExpected() {
        assertThatThrownBy(() -> zeros(2, 3).broadcastTo(Shape.of(2, 2))).hasMessage("broadcast_to: input [2,3] does not"
                + " broadcast to [2,2], expected each dimension equal or 1, counted from the last");
        assertThatThrownBy(() -> zeros(2, 3).named("w").item()).hasMessage("item: w[2,3] has 6 elements, expected 1");
        assertThatThrownBy(() -> Tensor.of(backend, Shape.of(2), 1, 2, 3))
                .hasMessage("array: 3 values for shape [2], expected 2");
        assertThatThrownBy(() -> Tensor.concat(0, zeros(2, 3), zeros(2, 4))).hasMessage("concat: input [2,4] differs from"
                + " input [2,3] in more than axis 0, expected all other dimensions equal");
        for (Runnable call : List.<Runnable>of(() -> zeros(2).add(null), () -> Tensor.concat(0, zeros(2), null),
                () -> zeros(1, 2, 3).conv1d(null, ConvSpec.DEFAULT), () -> zeros(2).where(null, zeros(2)),
                () -> zeros(1, 2, 3).convTranspose1d(null, null, ConvSpec.DEFAULT))) {
            assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("[a-z_0-9]+: input 1 of [23] is null, expected a tensor");
        }
    }

    @Test
    void theLabelIsSaid() {
        assertThatThrownBy(() -> Tape.labelled("net", () -> Tape.labelled("0", () -> zeros(2, 3).add(zeros(2, 4)))))
                .hasMessage("add: shapes [2,3] and [2,4] do not broadcast: 3 against 4 in axis -1, expected equal or 1 (in net.0)");
        assertThatThrownBy(() -> Tape.labelled("net", () -> zeros(2).leakyRelu(-1)))
                .hasMessage("leaky_relu: slope -1.0 on input [2], expected at least 0 (in net)");
    }

    /** Too few operands, too many, and operands of any rank: every op refuses in words, none by an index. */
    @Test
    void everyOpRefusesWhatDoesNotFit() {
        List<Shape> shapes = List.of(Shape.SCALAR, Shape.of(2), Shape.of(2, 3), Shape.of(2, 3, 4), Shape.of(1, 2, 3, 4));
        Set<Op> ops = OpCases.all().stream().map(OpCases.Case::op)
                .filter(op -> !(op instanceof HostOp)) // which has the rule that its user gave it
                .collect(Collectors.toSet());
        int refused = 0;
        for (Op op : ops) {
            for (int count = 0; count < 5; count++) {
                for (int shift = 0; shift < shapes.size(); shift++) {
                    Tensor[] inputs = new Tensor[count];
                    for (int i = 0; i < count; i++) {
                        inputs[i] = Tensor.full(backend, shapes.get((shift + i * (1 + shift % 3)) % shapes.size()), 1);
                    }
                    try {
                        Scope.run(() -> Tensor.apply(op, inputs));
                    } catch (IllegalArgumentException said) {
                        refused++;
                        assertThat(said.getMessage()).startsWith(op.name() + ":").doesNotContain("shape rule");
                    }
                }
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    @Test
    void backendsDoNotMix() {
        Tensor other = Tensor.full(new ReferenceBackend(), Shape.of(2, 3), 0);
        assertThatThrownBy(() -> zeros(2, 3).add(other))
                .hasMessage("add: inputs lie on the backends reference and another one called reference, expected all on one");
    }

    private Tensor zeros(int... dims) {
        return Tensor.full(backend, Shape.of(dims), 0);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.JointOp;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A part of a program as one op, which keeps what it reads and not what it computes on the way: its products run it again
 * (Chen et al., arXiv 1604.06174). The second run is recorded on whatever tapes record by then, so products can be
 * differentiated again.
 */
record Checkpoint(Supplier<Tensor> body, Rerun first, Shape output) implements JointOp {

    static Tensor run(Supplier<Tensor> body) {
        Tape tape = Tape.innermost();
        if (tape == null || tape.isSeenThrough()) {
            return body.get();
        }
        Rerun first = Rerun.first();
        Tensor value = Tape.unrecorded(() -> observed(tape, first, body));
        boolean made = first.made(value);
        first.end();
        if (made) {
            Checkpoint op = new Checkpoint(body, first, value.shape());
            tape.record(new Tape.Node(Tape.label(), op, List.copyOf(first.outside()), value));
        }
        return value;
    }

    private static Tensor observed(Tape tape, Rerun run, Supplier<Tensor> body) {
        return tape.withoutMemos(() -> tape.observedBy(run, () -> Scope.run(body)));
    }

    @Override
    public String name() {
        return "checkpoint";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return output;
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape result) {
        throw new IllegalStateException("checkpoint: run by Tape.checkpointed only");
    }

    @Override
    public List<Tensor> vjps(List<Integer> arguments, List<Tensor> inputs, Tensor value, Tensor gradient) {
        List<Tensor> wanted = arguments.stream().map(inputs::get).toList();
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Rerun second = first.again();
            Tensor again = observed(tape, second, body);
            second.end();
            Gradients gradients = tape.partialGradients(again, gradient, wanted);
            return wanted.stream().map(input -> scope.keep(gradients.of(input))).toList();
        }
    }

    @Override
    public boolean isFlatIn(int argument) {
        return first.isConstant(argument);
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

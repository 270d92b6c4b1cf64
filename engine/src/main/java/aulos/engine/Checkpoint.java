// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.JointOp;
import aulos.engine.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A part of a program as one op, which keeps what it reads and not what it computes on the way: its products run it again
 * (Chen et al., arXiv 1604.06174). The second run is recorded on whatever tapes record by then, so products can be
 * differentiated again.
 */
record Checkpoint(Supplier<Tensor> body, Shape output) implements JointOp {

    /** Which tensors from outside a body reads, in the order of reading. */
    private static final class Reads implements TapeObserver {
        private final long start = Storage.now();
        private final Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
        private final List<Tensor> outside = new ArrayList<>();

        @Override
        public void ran(Op op, List<Tensor> inputs, Tensor output) {
            for (Tensor input : inputs) {
                if (input.storage().born < start && known.add(input.original())) {
                    outside.add(input);
                }
            }
        }
    }

    static Tensor run(Supplier<Tensor> body) {
        Tape tape = Tape.innermost();
        if (tape == null || tape.isSeenThrough()) {
            return body.get();
        }
        Reads reads = new Reads();
        Tensor value = Tape.paused(() -> tape.withoutMemos(() -> tape.observedBy(reads, () -> Scope.run(body))));
        if (value.storage().born > reads.start) {
            Checkpoint op = new Checkpoint(body, value.shape());
            tape.record(new Tape.Node(Tape.label(), op, List.copyOf(reads.outside), value));
        }
        return value;
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
            Reads reads = new Reads();
            Tensor again = tape.withoutMemos(() -> tape.observedBy(reads, () -> Scope.run(body)));
            requireSame(inputs, reads.outside);
            Gradients gradients = tape.gradients(again, gradient, wanted);
            return wanted.stream().map(input -> scope.keep(gradients.of(input))).toList();
        }
    }

    private static void requireSame(List<Tensor> first, List<Tensor> second) {
        for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
            if (i >= first.size() || i >= second.size() || first.get(i).original() != second.get(i).original()) {
                throw new IllegalStateException("checkpoint: run again, its body reads "
                        + (i < second.size() ? second.get(i).describe() : "nothing more") + " where it first read "
                        + (i < first.size() ? first.get(i).describe() : "nothing more")
                        + "; what changes its own state cannot be checkpointed");
            }
        }
    }

    @Override
    public boolean keepsInput(int argument) {
        return true;
    }
}

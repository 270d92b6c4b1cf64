// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.JointOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** One walk backwards over a tape, from a result to the tensors whose gradients were asked for. */
final class Backward implements AutoCloseable {
    private final Tape tape;
    private final List<Tensor> tensors;
    private final Set<Tensor> wanted = identities();
    private final int last;
    private final boolean[] active;
    private final Scope caller = Scope.innermost();
    private final GradientListener listener;
    /** Those that are complete, which the caller owns; null at first. */
    private final Tensor[] complete;
    /** Gradients so far, each retained while it is in here, since the scope it was computed in closes at once. */
    private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();

    private Backward(Tape tape, Tensor result, List<Tensor> tensors, GradientListener listener) {
        this.tape = tape;
        this.listener = listener;
        this.complete = new Tensor[tensors.size()];
        this.tensors = tensors;
        tensors.forEach(tensor -> wanted.add(tensor.original()));
        this.last = tape.producer(result);
        this.active = activeNodes();
    }

    /**
     * @param upstream gradient of the result; null: 1
     * @param listener is given each gradient when it is complete
     * @param free whether the tape lets go of each node's share as soon as it is done
     */
    static Gradients run(Tape tape, Tensor result, Tensor upstream, List<Tensor> tensors, GradientListener listener,
            boolean free) {
        try (Backward backward = new Backward(tape, result, tensors, listener)) {
            FirstReaders readers = new FirstReaders(tape.nodes(), backward.last, tensors);
            backward.start(result, upstream);
            for (int i = backward.last; i >= 0; i--) {
                if (backward.active[i]) {
                    backward.step(i);
                }
                if (free) {
                    tape.held().release(i);
                }
                for (int index : readers.of(i)) {
                    backward.complete(index, backward.gradients.get(tensors.get(index).original()));
                }
            }
            return backward.result();
        }
    }

    private void start(Tensor result, Tensor upstream) {
        try (Scope scope = Scope.open()) {
            Tensor gradient = upstream != null ? upstream : Tensor.full(result.backend(), result.shape(), 1);
            add(result, gradient);
            tape.observers(observer -> observer.backwardStarts(last, gradient));
        }
    }

    /** Which nodes up to the last lie on a way from one of the wanted tensors to some result. */
    private boolean[] activeNodes() {
        boolean[] found = new boolean[last + 1];
        for (int i = 0; i <= last; i++) {
            Tape.Node node = tape.nodes().get(i);
            for (int k = 0; k < node.inputs().size() && !found[i]; k++) {
                found[i] = !node.op().isFlatIn(k) && isActive(node.inputs().get(k), found);
            }
        }
        return found;
    }

    private boolean isActive(Tensor tensor, boolean[] found) {
        int producer = tape.producer(tensor);
        return wanted.contains(tensor.original()) || producer >= 0 && producer < found.length && found[producer];
    }

    private void step(int index) {
        Tape.Node node = tape.nodes().get(index);
        Tensor gradient = gradients.get(node.output().original());
        if (gradient == null) {
            return;
        }
        tape.held().requireUnchanged(index);
        List<Integer> arguments = IntStream.range(0, node.inputs().size())
                .filter(i -> !node.op().isFlatIn(i) && isActive(node.inputs().get(i), active)).boxed().toList();
        Tape.relabelled(node.label(), () -> {
            try (Scope scope = Scope.open()) {
                pass(index, node, arguments, gradient);
            }
        });
        if (!wanted.contains(node.output().original())) {
            gradients.remove(node.output().original()).storage().release();
        }
    }

    private void pass(int index, Tape.Node node, List<Integer> arguments, Tensor gradient) {
        if (node.op() instanceof JointOp joint) {
            TapeObserver.Product first = new TapeObserver.Product(index, node, arguments.getFirst());
            tape.observers(observer -> observer.productStarts(first, gradient));
            List<Tensor> values = joint.vjps(arguments, node.inputs(), node.output(), gradient);
            for (int i = 0; i < arguments.size(); i++) {
                add(new TapeObserver.Product(index, node, arguments.get(i)), values.get(i));
            }
            return;
        }
        for (int argument : arguments) {
            TapeObserver.Product product = new TapeObserver.Product(index, node, argument);
            tape.observers(observer -> observer.productStarts(product, gradient));
            add(product, node.op().vjp(argument, node.inputs(), node.output(), gradient));
        }
    }

    private void add(TapeObserver.Product product, Tensor value) {
        Tape.Node node = product.node();
        if (!value.shape().equals(product.input().shape())) {
            throw new IllegalStateException(node.op().name() + ": vjp of argument " + product.argument() + " has shape "
                    + value.shape() + ", the argument has " + product.input().shape());
        }
        Tensor sum = add(product.input(), value);
        tape.observers(observer -> observer.productEnds(product, value, sum));
    }

    private Tensor add(Tensor tensor, Tensor product) {
        Tensor sofar = gradients.get(tensor.original());
        Tensor sum = sofar == null ? product : sofar.add(product);
        sum.storage().retain();
        gradients.put(tensor.original(), sum);
        if (sofar != null) {
            sofar.storage().release();
        }
        return sum;
    }

    private void complete(int index, Tensor gradient) {
        if (gradient != null) {
            complete[index] = caller.adopt(gradient);
            listener.found(index, gradient);
        }
    }

    private Gradients result() {
        List<Tensor> found = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        boolean all = tensors.stream().allMatch(tensor -> gradients.containsKey(tensor.original()));
        Set<Tensor> seen = all ? Set.of() : seen(tape);
        for (int index = 0; index < complete.length; index++) {
            Tensor tensor = tensors.get(index);
            Tensor gradient = gradients.get(tensor.original());
            if (complete[index] == null && gradient == null && seen.contains(tensor.original())) {
                gradient = Tensor.full(tensor.backend(), tensor.shape(), 0);
            }
            if (complete[index] == null) {
                complete(index, gradient);
            }
            found.add(complete[index]);
            reasons.add(complete[index] == null ? whyUnseen(tape, tensor) : null);
        }
        return new Gradients(tensors, found, reasons);
    }

    /** All that some node has read or computed. */
    static Set<Tensor> seen(Tape tape) {
        Set<Tensor> seen = identities();
        for (Tape.Node node : tape.nodes()) {
            node.inputs().forEach(input -> seen.add(input.original()));
            seen.add(node.output().original());
        }
        return seen;
    }

    /** Why {@link #seen} lacks {@code tensor}. */
    static String whyUnseen(Tape tape, Tensor tensor) {
        String reason = "was read by nothing on this tape";
        for (Tape.Node node : tape.nodes()) {
            for (Tensor input : node.inputs()) {
                if (tape.producer(input) < 0) {
                    if (input.storage().sharesMemoryWith(tensor.storage())) {
                        return reason + ", only a detached or reshaped copy of it by " + node.op().name();
                    }
                    if (input.storage().op != null && tape.isOlder(input)) {
                        reason = "was read by nothing on this tape, which takes " + input.describe()
                                + " for a constant, as it was computed before this tape opened";
                    }
                }
            }
        }
        return reason;
    }

    private static Set<Tensor> identities() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    @Override
    public void close() {
        gradients.values().forEach(gradient -> gradient.storage().release());
        gradients.clear();
        tape.observers(TapeObserver::backwardEnds);
    }
}

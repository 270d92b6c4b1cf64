// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.JointOp;
import aulos.engine.op.Reshape;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** One walk backwards over a tape, from a result to the tensors whose gradients were asked for. */
final class Backward implements AutoCloseable {

    /**
     * What was asked for.
     *
     * @param cuts which gradients are not to be had
     * @param listener is given each gradient when it is complete
     */
    record Request(List<Tensor> tensors, Cuts cuts, GradientListener listener) {}

    private final Tape tape;
    private final List<Tensor> tensors;
    private final Set<Tensor> wanted = identities();
    private final int last;
    private final boolean[] active;
    private final Scope caller = Scope.innermost();
    private final long start = Storage.now();
    private final Request request;
    /** What has been handed out, each value once: it may be changed in place. */
    private final Set<Storage> handedOut = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Those that are complete, which the caller owns; null at first. */
    private final Tensor[] complete;
    /** Gradients so far, each retained while it is in here, since the scope it was computed in closes at once. */
    private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();

    private Backward(Tape tape, Tensor result, Request request) {
        this.tape = tape;
        this.request = request;
        this.tensors = request.tensors();
        this.complete = new Tensor[tensors.size()];
        tensors.forEach(tensor -> wanted.add(tensor.original()));
        this.last = tape.producer(result);
        this.active = activeNodes();
    }

    /**
     * @param upstream gradient of the result; null: 1
     * @param free whether the tape lets go of each node's share as soon as it is done
     */
    static Gradients run(Tape tape, Tensor result, Tensor upstream, Request request, boolean free) {
        try (Backward backward = new Backward(tape, result, request)) {
            FirstReaders readers = new FirstReaders(tape.nodes(), backward.last, request.tensors());
            backward.start(result, upstream);
            for (int i = backward.last; i >= 0; i--) {
                if (backward.active[i]) {
                    backward.step(i);
                }
                if (free) {
                    tape.held().release(i);
                }
                for (int index : readers.of(i)) {
                    backward.complete(index, backward.gradients.get(request.tensors().get(index).original()));
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
        if (gradient != null && request.cuts().lacking(tensors.get(index)) == null) {
            Tensor own = unshared(gradient, start, handedOut);
            complete[index] = caller.adopt(own);
            request.listener().found(index, own);
        }
    }

    /** A tensor that nobody else has: a change of it in place changes no other. */
    static Tensor unshared(Tensor found, long start, Set<Storage> handedOut) {
        boolean ours = found.storage().born() > start && handedOut.add(found.storage());
        return ours ? found : Tensor.apply(new Reshape(found.shape()), found);
    }

    private Gradients result() {
        Set<Tensor> seen = null;
        Gradients found = new Gradients();
        for (int index = 0; index < complete.length; index++) {
            Tensor tensor = tensors.get(index);
            String lacking = request.cuts().lacking(tensor);
            if (complete[index] == null) {
                seen = seen == null ? seen(tape) : seen;
                Tensor gradient = gradients.get(tensor.original());
                complete(index, gradient != null || !seen.contains(tensor.original()) ? gradient
                        : Tensor.full(tensor.backend(), tensor.shape(), 0));
            }
            if (complete[index] != null) {
                found.found(tensor, complete[index]);
            } else if (lacking != null && seen.contains(tensor.original())) {
                found.refused(tensor, lacking);
            } else {
                found.unseen(tensor, request.cuts().whyUnseen(tensor));
            }
        }
        return found;
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

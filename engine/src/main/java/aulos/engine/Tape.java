// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The operations of a thread in the order they ran, to differentiate, print and check:
 *
 * <pre>{@code
 * try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
 *     Tensor loss = model.forward(x).sub(y).square().mean();
 *     Gradients gradients = tape.gradients(loss, model.parameters());
 * }
 * }</pre>
 *
 * Only the innermost open tape records. Reverse-mode differentiation walks the list backwards, so nothing recurses and a
 * graph of 100,000 nodes is no deeper than one of ten.
 */
public final class Tape implements AutoCloseable {

    /** One operation that ran. {@code label} says which part of a model ran it; empty if none did. */
    public record Node(String label, Op op, List<Tensor> inputs, Tensor output) {}

    private static final ThreadLocal<Tape> INNERMOST = new ThreadLocal<>();
    private static final ThreadLocal<String> LABEL = ThreadLocal.withInitial(() -> "");

    private final Tape enclosing;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Tensor, Integer> producers = new IdentityHashMap<>();
    private final List<List<Storage>> held = new ArrayList<>();
    private final Map<Object, Tensor> memos = new IdentityHashMap<>();
    private boolean recording = true;
    private boolean spent;

    private Tape(Tape enclosing) {
        this.enclosing = enclosing;
    }

    /** Starts recording on this thread. Close it with try-with-resources. */
    public static Tape open() {
        Tape tape = new Tape(INNERMOST.get());
        INNERMOST.set(tape);
        return tape;
    }

    /** Runs {@code body} with a label on all operations it records; labels nest with dots. */
    public static <T> T labelled(String label, Supplier<T> body) {
        String outer = LABEL.get();
        LABEL.set(outer.isEmpty() || label.isEmpty() ? outer + label : outer + "." + label);
        try {
            return body.get();
        } finally {
            LABEL.set(outer);
        }
    }

    /** The label that this thread is under; empty if none. */
    static String label() {
        return LABEL.get();
    }

    /** Runs {@code body} unrecorded: for what needs no gradient. */
    public static <T> T paused(Supplier<T> body) {
        Tape tape = INNERMOST.get();
        boolean wasRecording = tape != null && tape.recording;
        if (tape != null) {
            tape.recording = false;
        }
        try {
            return body.get();
        } finally {
            if (tape != null) {
                tape.recording = wasRecording;
            }
        }
    }

    /**
     * What {@code compute} gives, computed once for each {@code key} (compared by identity) on the innermost tape: a weight
     * that several inputs pass through in one step. It is recorded even while paused, because whoever asks next may want
     * a gradient. Whoever changes what it depends on must not go on with the same tape.
     */
    public static Tensor memoized(Object key, Supplier<Tensor> compute) {
        Tape tape = INNERMOST.get();
        if (tape == null || tape.spent) {
            return compute.get();
        }
        Tensor known = tape.memos.get(key);
        if (known != null) {
            return Scope.innermost().adopt(known);
        }
        boolean wasRecording = tape.recording;
        tape.recording = true;
        try {
            Tensor value = compute.get();
            value.storage().retain();
            tape.memos.put(key, value);
            return value;
        } finally {
            tape.recording = wasRecording;
        }
    }

    private void forgetMemos() {
        memos.values().forEach(value -> value.storage().release());
        memos.clear();
    }

    static void record(Op op, List<Tensor> inputs, Tensor output) {
        Tape tape = INNERMOST.get();
        if (tape != null && tape.recording) {
            tape.append(new Node(LABEL.get(), op, inputs, output));
        }
    }

    private void append(Node node) {
        List<Storage> needed = new ArrayList<>(node.inputs.size());
        for (int i = 0; i < node.inputs.size(); i++) {
            if (node.op.keepsInput(i)) {
                needed.add(node.inputs.get(i).storage());
            }
        }
        if (node.op.keepsOutput()) {
            needed.add(node.output.storage());
        }
        needed.forEach(Storage::retain);
        producers.put(node.output, nodes.size());
        nodes.add(node);
        held.add(needed);
    }

    /** The operations recorded so far. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /**
     * Gradients of a scalar in some tensors. Only what lies between them and the result is computed, and what the tape
     * held for it is freed on the way: afterwards this tape can be printed but not differentiated again.
     *
     * @throws IllegalArgumentException if {@code result} has more than one element or did not run on this tape
     */
    public Gradients gradients(Tensor result, List<Tensor> tensors) {
        return gradients(result, null, tensors);
    }

    /** Gradients of Σ result·upstream: a vector–Jacobian product of everything recorded. */
    public Gradients gradients(Tensor result, Tensor upstream, List<Tensor> tensors) {
        return gradients(result, upstream, tensors, GradientListener.NONE);
    }

    /** As {@link #gradients(Tensor, List)}; {@code listener} is given each gradient while others are being computed. */
    public Gradients gradients(Tensor result, List<Tensor> tensors, GradientListener listener) {
        return gradients(result, null, tensors, listener);
    }

    private Gradients gradients(Tensor result, Tensor upstream, List<Tensor> tensors, GradientListener listener) {
        requireDifferentiable(result, upstream);
        spent = true;
        forgetMemos();
        return paused(() -> backward(result, upstream, tensors, listener, true));
    }

    /**
     * As {@link #gradients(Tensor, List)}, but recorded on this tape like any other operation, and nothing is freed: the
     * gradients can be differentiated again.
     */
    public Gradients differentiableGradients(Tensor result, List<Tensor> tensors) {
        requireDifferentiable(result, null);
        return backward(result, null, tensors, GradientListener.NONE, false);
    }

    private void requireDifferentiable(Tensor result, Tensor upstream) {
        if (spent) {
            throw new IllegalStateException("this Tape has been differentiated, which freed what it held; to take"
                    + " several gradients use differentiableGradients, or a tape for each");
        }
        if (producer(result) < 0) {
            throw new IllegalArgumentException("gradients: " + result + " is not a result recorded on this tape");
        }
        if (upstream == null && result.shape().size() != 1) {
            throw new IllegalArgumentException("gradients: result " + result.shape() + " has " + result.shape().size()
                    + " elements, expected 1 (or an upstream gradient)");
        }
        if (upstream != null && !upstream.shape().equals(result.shape())) {
            throw new IllegalArgumentException(
                    "gradients: upstream gradient " + upstream.shape() + " against result " + result.shape());
        }
    }

    private Gradients backward(Tensor result, Tensor upstream, List<Tensor> tensors, GradientListener listener,
            boolean free) {
        int last = producer(result);
        boolean[] active = activeNodes(last, tensors);
        FirstReaders readers = new FirstReaders(nodes, last, tensors);
        Tensor[] found = new Tensor[tensors.size()];
        try (GradientMap gradients = new GradientMap(tensors)) {
            try (Scope scope = Scope.open()) {
                gradients.add(result, upstream != null ? upstream : Tensor.full(result.backend(), result.shape(), 1));
            }
            for (int i = last; i >= 0; i--) {
                if (active[i]) {
                    backward(nodes.get(i), gradients, active);
                }
                if (free) {
                    release(i);
                }
                readers.of(i).forEach(index -> found(index, tensors, gradients, found, listener));
            }
            readers.none().forEach(index -> found(index, tensors, gradients, found, listener));
            return new Gradients(tensors, List.of(found));
        }
    }

    /** The gradient in tensor number {@code index} is complete. */
    private static void found(int index, List<Tensor> tensors, GradientMap gradients, Tensor[] found,
            GradientListener listener) {
        Tensor tensor = tensors.get(index);
        Tensor gradient = gradients.get(tensor);
        found[index] = gradient != null ? Scope.innermost().adopt(gradient)
                : Tensor.full(tensor.backend(), tensor.shape(), 0);
        listener.found(index, found[index]);
    }

    /** Which nodes up to {@code last} lie on a way from one of {@code tensors} to some result. */
    private boolean[] activeNodes(int last, List<Tensor> tensors) {
        var wanted = Collections.newSetFromMap(new IdentityHashMap<Tensor, Boolean>());
        wanted.addAll(tensors);
        boolean[] active = new boolean[last + 1];
        for (int i = 0; i <= last; i++) {
            for (Tensor input : nodes.get(i).inputs) {
                active[i] |= wanted.contains(input) || isActive(input, active);
            }
        }
        return active;
    }

    private boolean isActive(Tensor tensor, boolean[] active) {
        Integer producer = producers.get(tensor);
        return producer != null && producer < active.length && active[producer];
    }

    private void backward(Node node, GradientMap gradients, boolean[] active) {
        Tensor gradient = gradients.get(node.output);
        if (gradient == null) {
            return;
        }
        labelled(node.label, () -> {
            try (Scope scope = Scope.open()) {
                for (int i = 0; i < node.inputs.size(); i++) {
                    Tensor input = node.inputs.get(i);
                    if (gradients.isWanted(input) || isActive(input, active)) {
                        Tensor product = node.op.vjp(i, node.inputs, node.output, gradient);
                        if (!product.shape().equals(input.shape())) {
                            throw new IllegalStateException(node.op.name() + ": vjp of argument " + i + " has shape "
                                    + product.shape() + ", the argument has " + input.shape());
                        }
                        gradients.add(input, product);
                    }
                }
            }
            return null;
        });
        gradients.done(node.output);
    }

    /** Lets go of what the tape holds for node {@code index}. */
    private void release(int index) {
        held.set(index, List.of()).forEach(Storage::release);
    }

    /**
     * Checks the record against itself: every input was computed before it is used, and every shape is what its op's
     * rule gives.
     *
     * @throws IllegalStateException naming the first node that is wrong
     */
    public void check() {
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            for (Tensor input : node.inputs) {
                if (producers.getOrDefault(input, -1) >= i) {
                    throw new IllegalStateException("%" + i + " " + node.op.name() + " reads a later result");
                }
            }
            Shape expected = node.op.shape(node.inputs.stream().map(Tensor::shape).toList());
            if (!expected.equals(node.output.shape())) {
                throw new IllegalStateException("%" + i + " " + node.op.name() + " has shape " + node.output.shape()
                        + ", its rule gives " + expected);
            }
        }
    }

    /** One line per operation: {@code %7: [1,32,64] = conv1d(%6, w[32,16,3]) s2 p1   # resblocks.0.convs1.0}. */
    @Override
    public String toString() {
        return TapePrinter.text(this);
    }

    /** The graph in Graphviz' language. */
    public String toDot() {
        return TapePrinter.dot(this);
    }

    /** The graph as a JSON array with one object per operation. */
    public String toJson() {
        return TapePrinter.json(this);
    }

    /** Index of the node that computed {@code tensor}, or −1 if it is a leaf. */
    int producer(Tensor tensor) {
        return producers.getOrDefault(tensor, -1);
    }

    @Override
    public void close() {
        if (INNERMOST.get() != this) {
            throw new IllegalStateException("Tapes must close in the reverse order of opening, on one thread");
        }
        if (enclosing == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(enclosing);
        }
        forgetMemos();
        for (int i = 0; i < held.size(); i++) {
            release(i);
        }
    }

    /** Gradients found so far, each retained while it is in here, since the scope it was computed in closes at once. */
    private static final class GradientMap implements AutoCloseable {
        private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
        private final Map<Tensor, Boolean> wanted = new IdentityHashMap<>();

        GradientMap(List<Tensor> tensors) {
            tensors.forEach(tensor -> wanted.put(tensor, true));
        }

        boolean isWanted(Tensor tensor) {
            return wanted.containsKey(tensor);
        }

        Tensor get(Tensor tensor) {
            return gradients.get(tensor);
        }

        void add(Tensor tensor, Tensor product) {
            Tensor sofar = gradients.get(tensor);
            Tensor sum = sofar == null ? product : sofar.add(product);
            sum.storage().retain();
            gradients.put(tensor, sum);
            if (sofar != null) {
                sofar.storage().release();
            }
        }

        /** The gradient of an inner result has been passed on to its inputs. */
        void done(Tensor tensor) {
            if (!isWanted(tensor)) {
                gradients.remove(tensor).storage().release();
            }
        }

        @Override
        public void close() {
            gradients.values().forEach(gradient -> gradient.storage().release());
            gradients.clear();
        }
    }
}

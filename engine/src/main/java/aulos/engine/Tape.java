// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The operations of a thread in the order they ran, to differentiate, print and check:
 *
 * <pre>{@code
 * try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
 *     Tensor loss = model.forward(x).sub(y).square().mean();
 *     Gradients gradients = tape.gradients(loss, optimiser.tensors());
 *     optimiser.step(gradients);
 * }
 * }</pre>
 *
 * Tapes nest: an operation is recorded on every open tape of the thread that is not paused. Taking gradients pauses only
 * the tape they are taken on, so what an inner tape computes backwards is on the outer one, which can differentiate it
 * again. Reverse-mode differentiation walks the list backwards: nothing recurses, and a graph of 100,000 nodes is no
 * deeper than one of ten.
 *
 * <p>A gradient is right or refused. An operation whose product needs a tensor that an optimiser has changed since, a
 * result from before the tape opened, a tensor that nothing has read: each is an error that says so.
 */
public final class Tape implements AutoCloseable {

    /** One operation that ran. {@code label} says which part of a model ran it; empty if none did. */
    public record Node(String label, Op op, List<Tensor> inputs, Tensor output) {
        /** As in {@code mul (%3, net)}. */
        String at(int index) {
            return op.name() + " (%" + index + (label.isEmpty() ? "" : ", " + label) + ")";
        }
    }

    private static final ThreadLocal<Tape> INNERMOST = new ThreadLocal<>();
    private static final ThreadLocal<String> LABEL = ThreadLocal.withInitial(() -> "");
    private static final ThreadLocal<Past.Pause> PAUSE = new ThreadLocal<>();

    private final Tape enclosing;
    private final long opened = Storage.now();
    /** The stretch of {@link #paused} in which it opened; null if in none. */
    private final Past.Pause pause = PAUSE.get();
    /** When it stopped; until then later than all. */
    private long ended = Long.MAX_VALUE;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Tensor, Integer> producers = new IdentityHashMap<>();
    private final Held held = new Held();
    private final Map<Object, Memo> memos = new IdentityHashMap<>();
    /** The tapes that recorded when this one opened, this one among them: none of the others can begin before it closes. */
    private final List<Tape> audience = new ArrayList<>();
    private List<TapeObserver> observers = List.of();
    private int pauses;
    private int mutes;
    private boolean memoless;
    private boolean spent;
    private boolean stopped;
    private boolean closed;

    private Tape(Tape enclosing) {
        this.enclosing = enclosing;
        for (Tape tape = this; tape != null; tape = tape.enclosing) {
            if (tape.isRecording()) {
                audience.add(tape);
            }
        }
    }

    /** Starts recording on this thread. Close it with try-with-resources. */
    public static Tape open() {
        Tape tape = new Tape(INNERMOST.get());
        INNERMOST.set(tape);
        return tape;
    }

    /** The tape that opened last on this thread; null if none is open. */
    static Tape innermost() {
        return INNERMOST.get();
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

    /** Runs {@code body} under the whole label of a node, whatever the present one. */
    static void relabelled(String label, Runnable body) {
        String outer = LABEL.get();
        LABEL.set(label);
        try {
            body.run();
        } finally {
            LABEL.set(outer);
        }
    }

    /** The label that this thread is under; empty if none. */
    public static String label() {
        return LABEL.get();
    }

    /**
     * Runs {@code body} unrecorded by all tapes that are open: for what needs no gradient. To them, and to those that open
     * later, what it computes is a constant. Tapes opened inside record.
     */
    public static <T> T paused(Supplier<T> body) {
        Past.Pause outer = PAUSE.get();
        PAUSE.set(new Past.Pause(outer));
        try {
            return unrecorded(body);
        } finally {
            PAUSE.set(outer);
        }
    }

    /** The stretch of {@link #paused} that this thread is in; null if in none. */
    static Past.Pause pause() {
        return PAUSE.get();
    }

    /** As {@link #paused}, but what is computed is no constant. */
    static <T> T unrecorded(Supplier<T> body) {
        Tape innermost = INNERMOST.get();
        innermost(innermost, tape -> tape.pauses++);
        try {
            return body.get();
        } finally {
            innermost(innermost, tape -> tape.pauses--);
        }
    }

    private static void innermost(Tape innermost, Consumer<Tape> action) {
        for (Tape tape = innermost; tape != null; tape = tape.enclosing) {
            action.accept(tape);
        }
    }

    /**
     * What {@code compute} makes of {@code inputs}, computed once for each {@code key} (compared by identity) on the innermost
     * tape: a weight that several inputs pass through in one step. It is recorded even while paused, because whoever asks next
     * may want a gradient. If the inputs are others, or have changed in place since ({@link Tensor#update}), it is computed
     * again.
     *
     * @throws IllegalStateException if {@code compute} reads a tensor from outside that is not among the inputs
     */
    public static Tensor memoized(Object key, List<Tensor> inputs, Supplier<Tensor> compute) {
        Tape tape = INNERMOST.get();
        if (tape == null || tape.spent || tape.memoless) {
            return compute.get();
        }
        Memo known = tape.memos.get(key);
        if (known != null && known.isOf(inputs)) {
            return Scope.innermost().adopt(known.value());
        }
        int[] pauses = tape.audience.stream().mapToInt(listener -> listener.pauses).toArray();
        Past.Pause outer = PAUSE.get();
        PAUSE.set(tape.pause);
        tape.audience.forEach(listener -> listener.pauses = 0);
        try {
            Memo memo = Memo.of(tape, inputs, compute);
            tape.memos.put(key, memo);
            if (known != null) {
                known.value().storage().release();
            }
            return memo.value();
        } finally {
            PAUSE.set(outer);
            for (int i = 0; i < pauses.length; i++) {
                tape.audience.get(i).pauses = pauses[i];
            }
        }
    }

    /**
     * To be called before a place that holds state, as a layer's buffer, takes {@code value} instead of {@code old}: what
     * runs the program twice, or for a batch, refuses it.
     */
    public static void replacing(String place, Tensor old, Tensor value) {
        tell(observer -> observer.replacing(place, old, value));
    }

    /**
     * Runs {@code body} and keeps what it reads, not what it computes on the way: the backward pass runs it once more,
     * which takes its time again and saves its memory. It may read any tensors, and must read the same ones the second
     * time and compute the same from them.
     *
     * @throws IllegalStateException when differentiated, if it reads others the second time, as what updates its own state
     */
    public static Tensor checkpointed(Supplier<Tensor> body) {
        return Checkpoint.run(body);
    }

    /** Whether an observer wants to see inside of checkpoints. */
    boolean isSeenThrough() {
        for (Tape tape = this; tape != null; tape = tape.enclosing) {
            if (tape.mutes == 0 && tape.observers.stream().anyMatch(TapeObserver::seesThroughCheckpoints)) {
                return true;
            }
        }
        return false;
    }

    /** Runs {@code body} without {@link #memoized} values, neither taking nor leaving any on this tape. */
    <T> T withoutMemos(Supplier<T> body) {
        boolean outer = memoless;
        memoless = true;
        try {
            return body.get();
        } finally {
            memoless = outer;
        }
    }

    /** Runs {@code body} with one more observer. */
    <T> T observedBy(TapeObserver observer, Supplier<T> body) {
        List<TapeObserver> outer = observers;
        observe(observer);
        try {
            return body.get();
        } finally {
            observers = outer;
        }
    }

    private void forgetMemos() {
        memos.values().forEach(memo -> memo.value().storage().release());
        memos.clear();
    }

    private boolean isRecording() {
        return pauses == 0 && !spent;
    }

    /** Records on this tape and those around it. */
    void record(Node node) {
        for (Tape tape = this; tape != null; tape = tape.enclosing) {
            if (tape.isRecording()) {
                tape.append(node);
            }
        }
    }

    private void append(Node node) {
        int index = nodes.size();
        producers.put(node.output.original(), index);
        nodes.add(node);
        held.hold(node);
        observers(observer -> observer.recorded(index, node));
    }

    /** The operations recorded so far. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /**
     * Shows everything from now on to {@code observer}, beside those it is shown to already.
     *
     * @return this tape
     */
    public Tape observe(TapeObserver observer) {
        List<TapeObserver> all = new ArrayList<>(observers);
        all.add(observer);
        observers = all;
        return this;
    }

    /** Whether an observer of this tape or one around it wants to know what runs. */
    boolean isObserved() {
        for (Tape tape = this; tape != null; tape = tape.enclosing) {
            if (!tape.observers.isEmpty() && tape.mutes == 0) {
                return true;
            }
        }
        return false;
    }

    /** Tells the observers of all open tapes. */
    static void tell(Consumer<TapeObserver> event) {
        Tape innermost = INNERMOST.get();
        if (innermost != null && innermost.isObserved()) {
            innermost(innermost, tape -> tape.observers(event));
        }
    }

    /** Tells this tape's observers. What they compute is recorded on no tape and shown to nobody. */
    void observers(Consumer<TapeObserver> event) {
        if (observers.isEmpty() || mutes > 0) {
            return;
        }
        Tape innermost = INNERMOST.get();
        innermost(innermost, tape -> tape.mutes++);
        try {
            unrecorded(() -> {
                observers.forEach(event);
                return null;
            });
        } finally {
            innermost(innermost, tape -> tape.mutes--);
        }
    }

    /**
     * Gradients of a scalar in some tensors. Only what lies between them and the result is computed, and what the tape
     * held for it is freed on the way: afterwards this tape can be printed but records no more and cannot be
     * differentiated again.
     *
     * @throws IllegalArgumentException if {@code result} has more than one element
     * @throws IllegalStateException if {@code result} was computed before this tape opened or while it was paused, or a
     *     value that a product needs has changed in place since; if this tape is closed or has been differentiated;
     *     {@link Gradients#of} if the gradient would lack a part, because the result depends on a tensor that was
     *     computed from this one where the tape did not record
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
        requireDifferentiable(result, upstream, tensors);
        spent = true;
        forgetMemos();
        return Backward.run(this, result, upstream,
                new Backward.Request(tensors, Cuts.of(this, result, tensors), listener), true);
    }

    /**
     * As {@link #gradients(Tensor, List)}, but recorded on this tape like any other operation, and nothing is freed: the
     * gradients can be differentiated again.
     */
    public Gradients differentiableGradients(Tensor result, List<Tensor> tensors) {
        return differentiableGradients(result, null, tensors);
    }

    /** As {@link #gradients(Tensor, Tensor, List)}, recorded, and nothing is freed. */
    public Gradients differentiableGradients(Tensor result, Tensor upstream, List<Tensor> tensors) {
        requireDifferentiable(result, upstream, tensors);
        return Backward.run(this, result, upstream,
                new Backward.Request(tensors, Cuts.of(this, result, tensors), GradientListener.NONE), false);
    }

    /** As {@link #gradients(Tensor, Tensor, List)}, what this tape has not seen being computed counting as constant. */
    Gradients partialGradients(Tensor result, Tensor upstream, List<Tensor> tensors) {
        requireDifferentiable(result, upstream, tensors);
        spent = true;
        forgetMemos();
        return Backward.run(this, result, upstream,
                new Backward.Request(tensors, Cuts.none(this), GradientListener.NONE), true);
    }

    /**
     * Forward mode: how fast {@code result} changes when {@code tensors} move in these directions, its Jacobian times
     * them. It is recorded like any other operation, and nothing is freed. A tensor that the tape has seen but that the result does not
     * depend on adds nothing.
     *
     * @param directions of the tensors' shapes
     * @return a tensor of the result's shape
     * @throws IllegalStateException as {@link #gradients(Tensor, List)}, or if the tape has not seen a tensor
     */
    public Tensor tangent(Tensor result, List<Tensor> tensors, List<Tensor> directions) {
        for (int i = 0; i < tensors.size(); i++) {
            if (directions.size() != tensors.size() || !directions.get(i).shape().equals(tensors.get(i).shape())) {
                throw new IllegalArgumentException("tangent: directions " + shapes(directions) + " for tensors "
                        + shapes(tensors) + ", expected one of the same shape for each");
            }
        }
        requireDifferentiable(result, tensors);
        Cuts cuts = Cuts.of(this, result, tensors);
        Set<Tensor> seen = Backward.seen(this);
        for (Tensor tensor : tensors) {
            if (tensor.original() != result.original() && !seen.contains(tensor.original())) {
                throw new IllegalStateException("tangent: " + tensor.describe() + " " + cuts.whyUnseen(tensor));
            }
            if (cuts.lacking(tensor) != null) {
                throw new IllegalStateException("tangent: the part of " + tensor.describe() + " " + cuts.lacking(tensor));
            }
        }
        return Forward.run(this, result, tensors, directions);
    }

    private static List<Shape> shapes(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::shape).toList();
    }

    private void requireDifferentiable(Tensor result, Tensor upstream, List<Tensor> tensors) {
        requireDifferentiable(result, tensors);
        if (upstream == null && result.shape().size() != 1) {
            throw new IllegalArgumentException("gradients: result " + result.shape() + " has " + result.shape().size()
                    + " elements, expected 1 (or an upstream gradient)");
        }
        if (upstream != null && !upstream.shape().equals(result.shape())) {
            throw new IllegalArgumentException(
                    "gradients: upstream gradient " + upstream.shape() + " against result " + result.shape());
        }
    }

    private void requireDifferentiable(Tensor result, List<Tensor> tensors) {
        if (closed) {
            throw new IllegalStateException("gradients: this Tape is closed, which freed what it held");
        }
        if (spent) {
            throw new IllegalStateException("this Tape has been differentiated, which freed what it held; to take"
                    + " several gradients use differentiableGradients, or a tape for each");
        }
        boolean constant = result.storage().op == null;
        if (producer(result) < 0 && !constant
                && tensors.stream().noneMatch(tensor -> tensor.original() == result.original())) {
            throw new IllegalStateException("gradients: " + result.describe() + " was computed "
                    + whenUnseen(result) + ", so the tape cannot differentiate it");
        }
    }

    /** Whether {@code tensor} was made before this tape opened. */
    boolean isOlder(Tensor tensor) {
        return tensor.storage().born() < opened;
    }

    /** When a tensor was computed that this tape has not recorded: "before this tape opened", for example. */
    String whenUnseen(Tensor tensor) {
        return isOlder(tensor) ? "before this tape opened"
                : tensor.storage().born() > ended ? "after this tape had stopped"
                : tensor.storage().past.isPausedTo(pause) ? "while this tape was paused"
                : "where this tape does not record, on another thread or inside of a checkpoint";
    }

    /** Whether {@code tensor} is a result that this tape has not recorded, and none that was to be a constant. */
    boolean isUnseenResult(Tensor tensor) {
        return tensor.storage().past.isComputed(pause) && producer(tensor) < 0;
    }

    /** Which of some values {@code tensor} was computed from, apart from what was to be a constant. */
    Set<Past.Origin> among(Set<Past.Origin> wanted, Tensor tensor) {
        return tensor.storage().past.among(wanted, pause);
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
                if (producer(input) >= i) {
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

    /** What this tape holds in memory for its nodes. */
    Held held() {
        return held;
    }

    /**
     * For each node the bytes that this tape holds in memory for it and for no node before it. What has been freed on the
     * way back counts no more.
     */
    public long[] heldBytes() {
        return held.bytes();
    }

    /** Index of the node that computed {@code tensor}, or −1 if it is a leaf. */
    public int producer(Tensor tensor) {
        return producers.getOrDefault(tensor.original(), -1);
    }

    /**
     * Ends recording without letting go of what was recorded: gradients can still be taken, any number of times with
     * {@link #differentiableGradients}, until the tape closes. Tapes still open inside this one stop too.
     *
     * @throws IllegalStateException if it was opened on another thread
     */
    public void stop() {
        if (stopped) {
            return;
        }
        requireOnThisThread();
        while (!stopped) {
            Tape innermost = INNERMOST.get();
            innermost.stopped = true;
            innermost.ended = Storage.now();
            if (innermost.enclosing == null) {
                INNERMOST.remove();
            } else {
                INNERMOST.set(innermost.enclosing);
            }
        }
    }

    private void requireOnThisThread() {
        for (Tape tape = INNERMOST.get(); tape != this; tape = tape.enclosing) {
            if (tape == null) {
                throw new IllegalStateException("this Tape was opened on another thread, which has to close it");
            }
        }
    }

    /**
     * Ends recording, and frees what the tape held. Tapes still open inside this one close with it.
     *
     * @throws IllegalStateException if it was opened on another thread
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!stopped) {
            requireOnThisThread();
            while (INNERMOST.get() != this) {
                INNERMOST.get().close();
            }
            stop();
        }
        closed = true;
        forgetMemos();
        held.releaseAll();
    }
}

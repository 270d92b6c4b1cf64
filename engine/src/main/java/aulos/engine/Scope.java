// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Owns tensors and frees them when it closes. The result of every operation belongs to the innermost scope that is open
 * on the thread:
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     Tensor hidden = x.conv1d(w, b, spec).leakyRelu(0.1);
 *     return scope.keep(hidden.mean());     // all but the mean is freed here
 * }
 * }</pre>
 *
 * What a {@link Tape} still needs stays allocated until the tape lets go of it, even if its scope has closed.
 *
 * <p>Scopes close in the reverse order of opening; one that is still open inside another closes with it.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<Scope> INNERMOST = new ThreadLocal<>();

    private final Scope enclosing;
    private final boolean attached;
    private final List<Storage> owned = new ArrayList<>();
    private boolean closed;

    private Scope(Scope enclosing, boolean attached) {
        this.enclosing = enclosing;
        this.attached = attached;
    }

    /** Opens a scope inside the innermost one of this thread. Close it with try-with-resources. */
    public static Scope open() {
        Scope scope = new Scope(INNERMOST.get(), true);
        INNERMOST.set(scope);
        return scope;
    }

    /**
     * A scope that is not on the thread's stack: it owns only what it is told to {@link #adopt}, and may be closed at any
     * time. A model holds its parameters in one.
     */
    public static Scope unattached() {
        return new Scope(null, false);
    }

    /** Runs {@code body} in a scope of its own, of which only the result is kept. */
    public static Tensor run(Supplier<Tensor> body) {
        try (Scope scope = open()) {
            return scope.keep(body.get());
        }
    }

    /** As {@link #run}, by kernels that the backend may {@link Backend#together compute together}. */
    public static Tensor runTogether(Backend backend, Supplier<Tensor> body) {
        Tensor[] result = new Tensor[1];
        backend.together(() -> result[0] = run(body));
        return result[0];
    }

    static Scope innermost() {
        Scope scope = INNERMOST.get();
        if (scope == null) {
            throw new IllegalStateException(
                    "no Scope is open on this thread: wrap the computation in try (Scope scope = Scope.open()) { … }");
        }
        return scope;
    }

    /** Makes this scope an owner of {@code tensor}, beside those it has. */
    public Tensor adopt(Tensor tensor) {
        if (closed) {
            throw new IllegalStateException("this Scope is closed; it cannot own " + tensor.describe());
        }
        Storage storage = tensor.requireAlive("adopt").storage();
        storage.retain();
        owned.add(storage);
        return tensor;
    }

    /** Gives up the ownership that {@link #adopt} took: the tensor is freed unless somebody else owns it too. */
    public void release(Tensor tensor) {
        if (!owned.remove(tensor.storage())) {
            throw new IllegalStateException("this Scope does not own " + tensor.describe());
        }
        tensor.storage().release();
    }

    /** Hands {@code tensor} to the enclosing scope, so that it outlives this one. */
    public Tensor keep(Tensor tensor) {
        if (enclosing == null) {
            throw new IllegalStateException("no enclosing Scope is there to keep " + tensor.describe() + " in");
        }
        return enclosing.adopt(tensor);
    }

    /**
     * Frees what it owns, unless somebody else owns it too, and closes the scopes that are open inside it.
     *
     * @throws IllegalStateException if it was opened on another thread
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (attached) {
            requireOnThisThread();
            while (INNERMOST.get() != this) {
                INNERMOST.get().close();
            }
            if (enclosing == null) {
                INNERMOST.remove();
            } else {
                INNERMOST.set(enclosing);
            }
        }
        closed = true;
        for (Storage storage : owned) {
            storage.release();
        }
        owned.clear();
    }

    private void requireOnThisThread() {
        Scope scope = INNERMOST.get();
        while (scope != this) {
            if (scope == null) {
                throw new IllegalStateException("this Scope was opened on another thread, which has to close it");
            }
            scope = scope.enclosing;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The one thread that calls MPI, one thing after the other: MPI wants all processes to call the same things in the same order,
 * and the thread that trains has other things to do meanwhile.
 */
final class MpiThread {
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private volatile Mpi mpi;

    MpiThread() {
        Thread.ofPlatform().name("aulos-mpi").daemon().start(this::run);
    }

    private void run() {
        try {
            while (true) {
                queue.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts MPI, and waits for it. */
    Mpi open(MpiLibrary library) {
        await(submit(nothing -> mpi = new Mpi(library)));
        return mpi;
    }

    /** Has something done, after all that was submitted before. */
    Future<?> submit(Consumer<Mpi> work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.add(() -> {
            try {
                work.accept(mpi);
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    static void await(Future<?> done) {
        try {
            done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for other ranks", e);
        }
    }
}

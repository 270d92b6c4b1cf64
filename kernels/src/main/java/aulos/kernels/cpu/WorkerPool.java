// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs numbered tasks on all cores: the calling thread and {@code threads − 1} daemon workers that persist. Which thread
 * takes which task is left to chance, so tasks must write disjoint outputs and each must be the same work whoever does
 * it; then results do not depend on the number of threads. A kernel lasts well under a millisecond, so idle workers spin
 * for a moment before they park.
 */
final class WorkerPool implements AutoCloseable {

    /** One numbered piece of work; {@code worker} (0 … threads−1) selects scratch memory. */
    interface Task {
        void run(int index, int worker);
    }

    private static final int SPINS = 4_000;

    /** One parallel loop. A worker that comes late finds no index left, and never sees another loop's task. */
    private record Loop(Task task, int count, AtomicInteger next, AtomicInteger finished) {}

    private final Thread[] workers;
    private volatile Loop current;
    private volatile Throwable failure;
    private volatile boolean closed;

    WorkerPool(int threads) {
        workers = new Thread[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            int worker = i + 1;
            workers[i] = Thread.ofPlatform().daemon().name("aulos-cpu-" + worker).unstarted(() -> work(worker));
            workers[i].start();
        }
    }

    int threads() {
        return workers.length + 1;
    }

    /** Runs {@code task} for every index from 0 to {@code count − 1} and returns when all are done. */
    void run(int count, Task task) {
        if (count <= 1 || workers.length == 0) {
            for (int i = 0; i < count; i++) {
                task.run(i, 0);
            }
            return;
        }
        Loop loop = new Loop(task, count, new AtomicInteger(), new AtomicInteger());
        current = loop;
        for (int i = 0; i < Math.min(workers.length, count - 1); i++) {
            LockSupport.unpark(workers[i]);
        }
        drain(loop, 0);
        while (loop.finished.get() < count) {
            Thread.onSpinWait();
        }
        current = null;
        if (failure != null) {
            Throwable thrown = failure;
            failure = null;
            throw new IllegalStateException("a worker of the cpu backend failed: " + thrown, thrown);
        }
    }

    private void drain(Loop loop, int worker) {
        for (int i = loop.next.getAndIncrement(); i < loop.count; i = loop.next.getAndIncrement()) {
            try {
                loop.task.run(i, worker);
            } catch (Throwable thrown) { // the caller must not wait for ever; it rethrows
                failure = thrown;
            } finally {
                loop.finished.incrementAndGet();
            }
        }
    }

    private void work(int worker) {
        Loop last = null;
        int idle = 0;
        while (!closed) {
            Loop loop = current;
            if (loop != null && loop != last) {
                last = loop;
                drain(loop, worker);
                idle = 0;
            } else if (idle++ < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
                idle = 0;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs numbered tasks on all cores: the calling thread and {@code threads − 1} daemon workers that persist. Each thread
 * begins with a share of its own, the same part of the indices in every loop, so that it finds in its core's cache what
 * it wrote there in the loop before; then it helps the others. Who runs a task is left to chance all the same: tasks must
 * write disjoint outputs and each must be the same work whoever does it; then results do not depend on the number of
 * threads. A kernel lasts well under a millisecond, so idle workers spin for a moment before they park.
 */
public final class WorkerPool implements AutoCloseable {

    /** One numbered piece of work; {@code worker} (0 … threads−1) selects scratch memory. */
    public interface Task {
        void run(int index, int worker);
    }

    /** A piece of a loop: indices {@code from} to {@code to − 1}. */
    public interface Range {
        void run(int from, int to);
    }

    /** The system property that says whether workers are kept off the caller's core: true (the default) or false. */
    private static final String PLACED = "aulos.cpu.placed";
    /** A few hundred microseconds, longer than from one kernel to the next: waking a parked thread takes as long. */
    private static final int SPINS = 20_000;
    /** Spins after which whoever waits lets others have the core: a task may be waiting for it, or the JVM's compilers. */
    private static final int PATIENCE = 2_000;

    /** Elements per piece of a loop, at least: a few microseconds of memory traffic. */
    private static final int GRAIN = 16_384;
    private static final int PIECES_PER_THREAD = 4;
    /** Pieces begin at whole cache lines, so that two cores do not write to the same one. */
    private static final int LINE = 16;

    /** One parallel loop. A worker that comes late finds no index left, and never sees another loop's task. */
    private record Loop(Task task, int count, AtomicIntegerArray taken, AtomicInteger finished) {
        /** An index that nobody has taken yet, out of the worker's own share if possible; −1 if there is none. */
        int take(int worker) {
            int shares = taken.length();
            for (int i = 0; i < shares; i++) {
                int share = (worker + i) % shares;
                int index = begin(share) + taken.getAndIncrement(share);
                if (index < begin(share + 1)) {
                    return index;
                }
            }
            return -1;
        }

        private int begin(int share) {
            return (int) ((long) count * share / taken.length());
        }
    }

    private final Thread[] workers;
    /** As Linux counts them; 0 until a worker runs. */
    private final AtomicIntegerArray ids;
    /** The core that each is kept off, −1 for none; for the thread that runs loops. */
    private final int[] keptOff;
    /** Null if threads run wherever they are put. */
    private final Affinity affinity;
    private volatile Loop current;
    private volatile Throwable failure;
    private volatile boolean closed;

    public WorkerPool(int threads) {
        workers = new Thread[threads - 1];
        ids = new AtomicIntegerArray(workers.length);
        keptOff = new int[workers.length];
        Arrays.fill(keptOff, -1);
        affinity = workers.length > 0 && Boolean.parseBoolean(System.getProperty(PLACED, "true")) ? Affinity.ofLinux()
                : null;
        for (int i = 0; i < workers.length; i++) {
            int worker = i + 1;
            workers[i] = Thread.ofPlatform().daemon().name("aulos-cpu-" + worker).unstarted(() -> work(worker));
            workers[i].start();
        }
    }

    public int threads() {
        return workers.length + 1;
    }

    /** Runs {@code task} for every index from 0 to {@code count − 1} and returns when all are done. */
    public void run(int count, Task task) {
        if (count <= 1 || workers.length == 0) {
            for (int i = 0; i < count; i++) {
                task.run(i, 0);
            }
            return;
        }
        Loop loop = new Loop(task, count, new AtomicIntegerArray(threads()), new AtomicInteger());
        current = loop;
        int needed = Math.min(workers.length, count - 1);
        if (affinity != null) {
            keepOffMyCore(needed);
        }
        for (int i = 0; i < needed; i++) {
            LockSupport.unpark(workers[i]);
        }
        drain(loop, 0);
        for (int spins = 0; loop.finished.get() < count; spins++) {
            if (spins < PATIENCE) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        current = null;
        if (failure != null) {
            Throwable thrown = failure;
            failure = null;
            throw new IllegalStateException("a worker of the cpu backend failed: " + thrown, thrown);
        }
    }

    /** A loop over {@code size} elements of an array. */
    public void elements(int size, Range body) {
        int wanted = Math.max(GRAIN, size / (threads() * PIECES_PER_THREAD) + 1);
        pieces(size, (wanted + LINE - 1) & -LINE, body);
    }

    /** A loop over {@code rows} pieces of work that touch {@code cost} elements each. */
    public void rows(int rows, long cost, Range body) {
        long enough = Math.max(1, GRAIN / Math.max(1, cost));
        pieces(rows, (int) Math.max(enough, rows / (threads() * PIECES_PER_THREAD)), body);
    }

    private void pieces(int size, int piece, Range body) {
        int count = (int) (((long) size + piece - 1) / piece);
        run(count, (index, worker) -> {
            int from = index * piece;
            body.run(from, (int) Math.min(size, (long) from + piece));
        });
    }

    /** A worker that is woken here would wait for this thread to end its share. */
    private void keepOffMyCore(int needed) {
        int core = affinity.core();
        for (int i = 0; i < needed && core >= 0; i++) {
            int id = ids.get(i);
            if (id != 0 && keptOff[i] != core) {
                affinity.keepOff(id, core);
                keptOff[i] = core;
            }
        }
    }

    private void drain(Loop loop, int worker) {
        for (int i = loop.take(worker); i >= 0; i = loop.take(worker)) {
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
        if (affinity != null) {
            ids.set(worker - 1, affinity.thread());
        }
        Loop last = null;
        int idle = 0;
        while (!closed) {
            Loop loop = current;
            if (loop != null && loop != last) {
                last = loop;
                drain(loop, worker);
                idle = 0;
            } else if (idle++ < SPINS) {
                if (idle % PATIENCE == 0) {
                    Thread.yield();
                } else {
                    Thread.onSpinWait();
                }
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

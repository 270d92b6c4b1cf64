// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Op;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The value of a tensor: memory, and the count of those who hold it, which are the scopes that own a tensor on it and the
 * tapes while a vector–Jacobian product will read it. At zero it lets go of the memory. Confined to one thread, like
 * scopes and tapes.
 *
 * <p>Several storages may share memory, those of a tensor and of what {@code reshape} and {@code detach} made of it. Before
 * one of them changes in place it takes memory of its own, so the others keep their values.
 */
final class Storage {
    private static final AtomicLong CLOCK = new AtomicLong();

    /** A buffer, and how many storages have it. */
    static final class Memory {
        final Backend backend;
        final Backend.Buffer buffer;
        private final Throwable site;
        private int sharers = 1;

        private Memory(Backend backend, int length) {
            this.backend = backend;
            this.buffer = backend.allocate(length);
            this.site = Leaks.opened(this);
        }

        private void release() {
            if (--sharers == 0) {
                backend.free(buffer);
                Leaks.closed(this);
            }
        }

        /** Where it was allocated; null if nobody was watching. */
        Throwable site() {
            return site;
        }
    }

    final Backend backend;
    /** What computed the value; null if it came from the host or was detached. */
    final Op op;
    /** The label that computed it; empty if none. */
    final String label;
    /** What it was computed from. */
    final Past past;
    private Memory memory;
    private int holders;
    private int version;
    private Kernel change;

    private Storage(Memory memory, Op op, String label, Past past) {
        this.backend = memory.backend;
        this.memory = memory;
        this.op = op;
        this.label = label;
        this.past = past;
    }

    static Storage allocate(Backend backend, int length, Op op, String label, Past past) {
        return new Storage(new Memory(backend, length), op, label, past);
    }

    /** Another value in the same memory. */
    Storage share(Op by, String under, Past from) {
        memory.sharers++;
        return new Storage(memory, by, under, from);
    }

    /** When it was made, in the order of {@link #now}. */
    long born() {
        return past.self.born;
    }

    /** A time later than all storages so far and earlier than all to come. */
    static long now() {
        return CLOCK.incrementAndGet();
    }

    /** About now, without taking a time of its own. */
    static long soon() {
        return CLOCK.get();
    }

    boolean isFreed() {
        return past.self.isFreed();
    }

    /** Only while it is not freed. */
    Backend.Buffer buffer() {
        return memory.buffer;
    }

    Memory memory() {
        return memory;
    }

    boolean sharesMemoryWith(Storage other) {
        return memory == other.memory;
    }

    void retain() {
        holders++;
    }

    void release() {
        if (--holders == 0) {
            past.self.free();
            memory.release();
        } else if (holders < 0) {
            throw new IllegalStateException("a tensor was freed twice");
        }
    }

    /** How often the value has changed in place. */
    int version() {
        return version;
    }

    /** What changed it last; null if nothing has. */
    Kernel change() {
        return change;
    }

    /** To be called before {@code kernel} changes the value in place: nobody else sees the change. */
    void aboutToChange(Kernel kernel, Shape shape) {
        if (memory.sharers > 1) {
            Memory own = new Memory(backend, memory.buffer.length());
            Shape flat = Shape.of(shape.size());
            backend.run(new Kernel.StridedCopy(0, List.of(1)), new Backend.Operand(flat, own.buffer),
                    new Backend.Operand(flat, memory.buffer));
            memory.release();
            memory = own;
        }
        version++;
        change = kernel;
    }

    /** Where the memory was allocated; null if nobody was watching. */
    Throwable site() {
        return memory.site;
    }
}

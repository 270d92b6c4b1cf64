// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;

/**
 * The calls of MPI that are needed, between all the processes that were started together. For one thread only, which waits
 * without taking a core from those that compute: it asks now and then, and MPI moves data while it is asked.
 */
final class Mpi {
    private static final int FUNNELED = 1;
    /** Questions without a pause: what is short is over by then. */
    private static final int EAGER = 100;
    private static final long PAUSE_NANOS = 20_000;

    private final MpiLibrary library;
    private final Native error;
    private final Native test;
    private final Native allReduce;
    private final Native allGather;
    private final Native allToAll;
    private final Native broadcast;
    private final MemorySegment request = Arena.global().allocate(ValueLayout.ADDRESS);
    private final MemorySegment number = Arena.global().allocate(ValueLayout.JAVA_INT);
    private final int rank;
    private final int count;

    /** Waits for all processes, as they all must do this. */
    Mpi(MpiLibrary library) {
        this.library = library;
        MemoryLayout pointer = ValueLayout.ADDRESS;
        MemoryLayout integer = ValueLayout.JAVA_INT;
        MemoryLayout handle = library.handle();
        error = function("MPI_Error_string", integer, pointer, pointer);
        test = function("MPI_Test", pointer, pointer, pointer);
        allReduce = function("MPI_Iallreduce", pointer, pointer, integer, handle, handle, handle, pointer);
        allGather = function("MPI_Iallgather", pointer, integer, handle, pointer, integer, handle, handle, pointer);
        allToAll = function("MPI_Ialltoall", pointer, integer, handle, pointer, integer, handle, handle, pointer);
        broadcast = function("MPI_Ibcast", pointer, integer, handle, integer, handle, pointer);
        check("MPI_Init_thread", function("MPI_Init_thread", pointer, pointer, integer, pointer)
                .call(MemorySegment.NULL, MemorySegment.NULL, FUNNELED, number));
        check("MPI_Comm_set_errhandler", function("MPI_Comm_set_errhandler", handle, handle)
                .call(library.world(), library.errorsReturn()));
        check("MPI_Comm_rank", function("MPI_Comm_rank", handle, pointer).call(library.world(), number));
        rank = number.get(ValueLayout.JAVA_INT, 0);
        check("MPI_Comm_size", function("MPI_Comm_size", handle, pointer).call(library.world(), number));
        count = number.get(ValueLayout.JAVA_INT, 0);
    }

    private Native function(String name, MemoryLayout... arguments) {
        return new Native(library.symbols(), name, arguments);
    }

    int rank() {
        return rank;
    }

    int count() {
        return count;
    }

    String version() {
        return library.version();
    }

    /** Replaces floats by their sums over all processes. */
    void sum(MemorySegment floats, int length) {
        check("MPI_Iallreduce", allReduce.call(library.inPlace(), floats, length, library.floats(), library.sum(),
                library.world(), request));
        await("MPI_Iallreduce");
    }

    /** Gives all processes the bytes of each. */
    void gather(MemorySegment mine, int length, MemorySegment all) {
        check("MPI_Iallgather", allGather.call(mine, length, library.bytes(), all, length, library.bytes(),
                library.world(), request));
        await("MPI_Iallgather");
    }

    /** Sends the k-th stretch of {@code length} bytes to process k; what process k has sent becomes the k-th stretch. */
    void exchange(MemorySegment send, int length, MemorySegment received) {
        check("MPI_Ialltoall", allToAll.call(send, length, library.bytes(), received, length, library.bytes(),
                library.world(), request));
        await("MPI_Ialltoall");
    }

    /** Replaces bytes by those of process 0. */
    void broadcast(MemorySegment buffer, int length) {
        check("MPI_Ibcast", broadcast.call(buffer, length, library.bytes(), 0, library.world(), request));
        await("MPI_Ibcast");
    }

    private void await(String call) {
        for (long questions = 0;; questions++) {
            check(call, test.call(request, number, library.noStatus()));
            if (number.get(ValueLayout.JAVA_INT, 0) != 0) {
                return;
            }
            if (questions < EAGER) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    void close() {
        check("MPI_Finalize", function("MPI_Finalize").call());
    }

    private void check(String call, int code) {
        if (code != 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = arena.allocate(1 << 12);
                error.call(code, text, arena.allocate(ValueLayout.JAVA_INT));
                throw new IllegalStateException(call + ": " + text.getString(0));
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The JVM's own handlers of signals, kept through the start of MPI. The JVM finds null references and safepoints by faults
 * that it handles; UCX, over which MPI may send, takes each for a crash and prints a page about it.
 */
final class SignalHandlers {
    /** Illegal instruction, bus error, arithmetic error, segmentation fault: the numbers that all Linux has. */
    private static final int[] FAULTS = {4, 7, 8, 11};
    /** More than the 152 bytes of a {@code struct sigaction}. */
    private static final long BYTES = 512;

    private final SymbolLookup c = Linker.nativeLinker().defaultLookup();
    private final Native action = new Native(
            c, "sigaction", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    private final Map<Integer, MemorySegment> handlers = new LinkedHashMap<>();

    /** Before any library is loaded. */
    SignalHandlers() {
        for (int signal : FAULTS) {
            MemorySegment handler = Arena.global().allocate(BYTES, Long.BYTES);
            action.call(signal, MemorySegment.NULL, handler);
            handlers.put(signal, handler);
        }
        try (Arena arena = Arena.ofConfined()) {
            new Native(c, "setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                    .call(arena.allocateFrom("UCX_ERROR_SIGNALS"), arena.allocateFrom(""), 1);
        }
    }

    /** When MPI runs. */
    void restore() {
        handlers.forEach((signal, handler) -> action.call(signal, handler, MemorySegment.NULL));
    }
}

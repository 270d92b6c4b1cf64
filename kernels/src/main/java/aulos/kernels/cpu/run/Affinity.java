// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/**
 * Where Linux may run a thread, by calls to its C library. Linux wakes a thread on the core of the one that wakes it when
 * it takes the cores for busy, and there it waits, beside an idle core, for up to 4 ms: as long as many a forward pass.
 */
final class Affinity {
    /** Of a mask: as many bits as the C library's {@code cpu_set_t} has. */
    private static final int BYTES = 128;

    private final MethodHandle threadId;
    private final MethodHandle core;
    private final MethodHandle set;
    private final MemorySegment allowed;

    private Affinity() {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor none = FunctionDescriptor.of(ValueLayout.JAVA_INT);
        FunctionDescriptor mask = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        threadId = handle(linker, "gettid", none);
        core = handle(linker, "sched_getcpu", none);
        set = handle(linker, "sched_setaffinity", mask);
        allowed = Arena.ofAuto().allocate(BYTES, Long.BYTES);
        call(handle(linker, "sched_getaffinity", mask), 0, (long) BYTES, allowed);
    }

    private static MethodHandle handle(Linker linker, String name, FunctionDescriptor descriptor) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    /** Null on other systems, and where this program may not call native code, which would be a warning at each start. */
    static Affinity ofLinux() {
        if (!System.getProperty("os.name").equals("Linux") || !Affinity.class.getModule().isNativeAccessEnabled()) {
            return null;
        }
        try {
            return new Affinity();
        } catch (UnsatisfiedLinkError | UnsupportedOperationException | IllegalArgumentException | IllegalStateException
                | NoSuchElementException e) {
            // Another C library: threads run wherever they are put.
            return null;
        }
    }

    private static int call(MethodHandle handle, Object... arguments) {
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(Throwable e) {
        return new IllegalStateException("a call to the C library failed: " + e, e);
    }

    /** The calling thread, as Linux counts them. */
    int thread() {
        try {
            return (int) threadId.invokeExact();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** The core on which the calling thread runs; −1 if that cannot be told. */
    int core() {
        try {
            return (int) core.invokeExact();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Lets a thread run on all cores that this process was given but one; changes nothing if that was all. */
    void keepOff(int thread, int core) {
        if (core >= BYTES * Byte.SIZE) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(BYTES, Long.BYTES);
            mask.copyFrom(allowed);
            long word = mask.getAtIndex(ValueLayout.JAVA_LONG, core / Long.SIZE);
            mask.setAtIndex(ValueLayout.JAVA_LONG, core / Long.SIZE, word & ~(1L << core));
            // Linux refuses an empty mask.
            int ignored = (int) set.invokeExact(thread, (long) BYTES, mask);
        } catch (Throwable e) {
            throw failed(e);
        }
    }
}

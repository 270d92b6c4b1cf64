// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;

/** A function of a native library that returns an int. */
final class Native {
    private final String name;
    private final MethodHandle handle;

    /** @throws java.util.NoSuchElementException if the library does not have it */
    Native(SymbolLookup library, String name, MemoryLayout... arguments) {
        this.name = name;
        MemorySegment address = library.find(name).orElseThrow();
        MethodHandle exact = Linker.nativeLinker().downcallHandle(
                address, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
        handle = exact.asType(exact.type().generic()).asSpreader(Object[].class, arguments.length)
                .asType(MethodType.methodType(Object.class, Object[].class));
    }

    int call(Object... arguments) {
        try {
            return (int) (Object) handle.invokeExact(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(name + " cannot be called: " + e, e);
        }
    }
}

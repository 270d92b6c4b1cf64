// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import aulos.hifigan.train.ranks.Launch;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The MPI library of this machine, and what its header file would tell a C compiler: in Open MPI handles are addresses of its
 * variables, in MPICH and its descendants they are numbers. Which of them it is, it says itself.
 *
 * @param version what it says of itself, one line
 * @param handle how a communicator, a type, an operation and a request are passed
 * @param inPlace the address that stands for "the receive buffer holds what is to be sent"
 * @param noStatus the address that stands for "no status is wanted"
 */
record MpiLibrary(SymbolLookup symbols, String version, MemoryLayout handle, Object world, Object bytes, Object floats,
        Object sum, Object errorsReturn, MemorySegment inPlace, MemorySegment noStatus) {
    private static final String PROPERTY = "aulos.mpi";
    private static final int RTLD_LAZY = 1;
    /** Open MPI's plug-ins look for the library's symbols among those of the whole program. */
    private static final int RTLD_GLOBAL = 0x100;

    /**
     * Loads the library that belongs to the launcher, or the one that {@code -Daulos.mpi} names.
     *
     * @throws IllegalStateException if there is none, or it is neither Open MPI nor MPICH
     */
    static MpiLibrary load(Launch.Launcher launcher) {
        String named = System.getProperty(PROPERTY);
        List<String> names = named != null ? List.of(named) : switch (launcher) {
            case OPEN_MPI -> List.of("libmpi.so.40", "libmpi.so");
            case HYDRA -> List.of("libmpich.so.12", "libmpi.so.12", "libmpi.so");
            case SLURM -> List.of("libmpi.so.40", "libmpi.so.12", "libmpich.so.12", "libmpi.so");
        };
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            String problem = open(name);
            if (problem == null) {
                return of(name, SymbolLookup.libraryLookup(name, Arena.global()));
            }
            problems.add(problem);
        }
        throw new IllegalStateException("no MPI library can be loaded (" + String.join("; ", problems) + "): install the"
                + " one that mpirun belongs to, e.g. Debian's libopenmpi3, or name it by AULOS_OPTS=-D" + PROPERTY
                + "=/path/to/libmpi.so");
    }

    /** Null, or what the system has against it. */
    private static String open(String name) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor dlopen = FunctionDescriptor.of(
                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        FunctionDescriptor dlerror = FunctionDescriptor.of(ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup c = linker.defaultLookup();
            MethodHandle open = linker.downcallHandle(c.findOrThrow("dlopen"), dlopen);
            // Before it is needed: whoever looks up a symbol makes it forget.
            MethodHandle error = linker.downcallHandle(c.findOrThrow("dlerror"), dlerror);
            MemorySegment library = (MemorySegment) open.invokeExact(arena.allocateFrom(name), RTLD_LAZY | RTLD_GLOBAL);
            if (!library.equals(MemorySegment.NULL)) {
                return null;
            }
            MemorySegment problem = (MemorySegment) error.invokeExact();
            return problem.equals(MemorySegment.NULL) ? name : problem.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("dlopen cannot be called: " + e, e);
        }
    }

    private static MpiLibrary of(String name, SymbolLookup symbols) {
        try {
            String version = version(symbols);
            if (symbols.find("ompi_mpi_comm_world").isPresent()) {
                return new MpiLibrary(symbols, version, ValueLayout.ADDRESS, symbols.findOrThrow("ompi_mpi_comm_world"),
                        symbols.findOrThrow("ompi_mpi_byte"), symbols.findOrThrow("ompi_mpi_float"),
                        symbols.findOrThrow("ompi_mpi_op_sum"), symbols.findOrThrow("ompi_mpi_errors_return"),
                        MemorySegment.ofAddress(1), MemorySegment.NULL);
            }
            if (version.contains("MPICH") || version.contains("Intel(R) MPI") || version.contains("MVAPICH")) {
                // The numbers of the ABI that these have agreed on (https://www.mpich.org/abi/).
                return new MpiLibrary(symbols, version, ValueLayout.JAVA_INT, 0x44000000, 0x4c00010d, 0x4c00040a,
                        0x58000003, 0x54000001, MemorySegment.ofAddress(-1), MemorySegment.ofAddress(1));
            }
            throw new IllegalStateException(name + " is " + version + ", expected Open MPI, MPICH or a descendant of it");
        } catch (NoSuchElementException e) {
            throw new IllegalStateException(name + " is no MPI library of version 3 or newer: " + e.getMessage(), e);
        }
    }

    private static String version(SymbolLookup symbols) {
        try (Arena arena = Arena.ofConfined()) {
            // Room for the longest text of either: 256 bytes in Open MPI, 8 KiB in MPICH.
            MemorySegment text = arena.allocate(1 << 14);
            new Native(symbols, "MPI_Get_library_version", ValueLayout.ADDRESS, ValueLayout.ADDRESS)
                    .call(text, arena.allocate(ValueLayout.JAVA_INT));
            String all = text.getString(0).strip().replaceAll("\\s+", " ");
            int end = all.startsWith("Open MPI") ? all.indexOf(',') : all.indexOf(" MPICH Release");
            return end > 0 ? all.substring(0, end) : all.substring(0, Math.min(all.length(), 60));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jocl.CL;

/** Loads JOCL and through it the machine's OpenCL loader, once. */
final class Driver {
    /** Where JOCL looks, on Linux, Windows and macOS. */
    private static final List<String> LOADERS = List.of("libOpenCL.so.1", "libOpenCL.so", "OpenCL.dll",
            "/System/Library/Frameworks/OpenCL.framework/Versions/Current/OpenCL");

    private static String problem;
    private static boolean tried;

    private Driver() {}

    /** @throws IllegalStateException if there is no OpenCL on this machine, or JOCL does not know this kind of machine */
    static synchronized void require() {
        if (!tried) {
            tried = true;
            problem = load();
        }
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
    }

    /**
     * JOCL unpacks its native part to a fixed name in the folder for temporary files and loads what it finds there. That
     * folder is everyone's, so for this moment it is one that only we can write, and it is gone afterwards.
     */
    private static String load() {
        if (!hasLoader()) {
            return "opencl: there is no OpenCL driver: libOpenCL is not installed (Debian: ocl-icd-libopencl1, and the"
                    + " driver of your device or pocl-opencl-icd)";
        }
        String usual = System.getProperty("java.io.tmpdir");
        Path own = null;
        try {
            own = Files.createTempDirectory("aulos-jocl");
            System.setProperty("java.io.tmpdir", own.toString());
            CL.setExceptionsEnabled(false);
            return null;
        } catch (IOException e) {
            return "opencl: cannot unpack JOCL's library to the folder for temporary files " + usual + ": " + e;
        } catch (LinkageError e) {
            return "opencl: JOCL's native library cannot be loaded on " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch") + ": " + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        } finally {
            System.setProperty("java.io.tmpdir", usual);
            if (own != null) {
                delete(own);
            }
        }
    }

    /** Asked first, because JOCL's native code prints lines of its own where there is none. */
    @SuppressWarnings("restricted") // what loads native code has to be allowed to
    private static boolean hasLoader() {
        for (String name : LOADERS) {
            try (Arena arena = Arena.ofConfined()) {
                SymbolLookup.libraryLookup(name, arena);
                return true;
            } catch (IllegalArgumentException absent) {
                // the next name then
            }
        }
        return false;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("opencl: cannot delete " + folder, e);
        }
    }
}

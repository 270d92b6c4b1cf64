// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jocl.CL;

/** Loads JOCL and through it the machine's OpenCL loader, once. */
final class Driver {
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
            String message = String.valueOf(e.getMessage());
            return message.contains("Implementation library could not be loaded")
                    ? "opencl: there is no OpenCL driver: libOpenCL is not installed (Debian: ocl-icd-libopencl1, and the"
                            + " driver of your device or pocl-opencl-icd)"
                    : "opencl: JOCL's native library cannot be loaded on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + message.lines().findFirst().orElse("no reason given");
        } finally {
            System.setProperty("java.io.tmpdir", usual);
            if (own != null) {
                delete(own);
            }
        }
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

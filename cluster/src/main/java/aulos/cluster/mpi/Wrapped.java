// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import aulos.hifigan.train.ranks.Launch;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Time to save after Ctrl-C. Launchers give their processes a second or two, and then kill what they have started: where the
 * script {@code aulos} has started this process and waits for it, that is the script. So this process leaves the script's
 * group, hears from it that it is to stop, and outlives it until it has saved; it also stops when script or launcher are gone.
 */
final class Wrapped {
    private static final String PROPERTY = "aulos.wrapped";
    private static final int TERMINATE = 15;
    /** More than any program registers. */
    private static final long HANDLERS = 16;
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final SymbolLookup c = Linker.nativeLinker().defaultLookup();

    /** Before MPI starts. Whether the script waits for this process. */
    boolean leaveGroup() {
        if (!Boolean.getBoolean(PROPERTY)) {
            return false;
        }
        new Native(c, "setsid").call();
        Optional<ProcessHandle> script = ProcessHandle.current().parent();
        Optional<ProcessHandle> launcher = script.flatMap(ProcessHandle::parent);
        Thread.ofPlatform().name("aulos-parents").daemon().start(() -> {
            while (isAlive(script) && isAlive(launcher)) {
                try {
                    Thread.sleep(LOOK);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
            new Native(c, "kill", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                    .call((int) ProcessHandle.current().pid(), TERMINATE);
        });
        return true;
    }

    private static boolean isAlive(Optional<ProcessHandle> process) {
        return process.map(ProcessHandle::isAlive).orElse(false);
    }

    /**
     * After MPI has started: Open MPI would end this process at once when its launcher ends, because it has asked PMIx, which
     * connects the two, to be told of that.
     */
    void outliveLauncher(Launch.Launcher launcher) {
        if (launcher == Launch.Launcher.HYDRA) {
            return;
        }
        try {
            Native deregister = new Native(SymbolLookup.libraryLookup("libpmix.so.2", Arena.global()),
                    "PMIx_Deregister_event_handler", ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
            for (long handler = 0; handler < HANDLERS; handler++) {
                deregister.call(handler, MemorySegment.NULL, MemorySegment.NULL);
            }
        } catch (IllegalArgumentException | NoSuchElementException e) {
            // Open MPI with a PMIx of its own inside: what takes longer than the launcher waits is not saved.
        }
    }
}

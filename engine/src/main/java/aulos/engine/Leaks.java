// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The debug switch for memory: with {@code -Daulos.leaks=true} (or after {@link #watch}) every allocation remembers where
 * it was made, and {@link #report} names those that nobody has freed. Off, it costs one branch per allocation.
 */
public final class Leaks {
    private static final Set<Storage.Memory> LIVE = Collections.newSetFromMap(new IdentityHashMap<>());
    private static final Set<String> PLUMBING = Set.of("aulos.engine.Storage", "aulos.engine.Storage$Memory",
            "aulos.engine.Leaks", "aulos.engine.Tensor");
    private static volatile boolean watching = Boolean.getBoolean("aulos.leaks");

    private Leaks() {}

    /** Starts (or stops) watching; what was allocated before is not seen. */
    public static void watch(boolean on) {
        watching = on;
        synchronized (LIVE) {
            LIVE.clear();
        }
    }

    /** One entry per live allocation since watching began: its size and the frames that made it, innermost first. */
    public static List<String> report() {
        List<String> lines = new ArrayList<>();
        synchronized (LIVE) {
            for (Storage.Memory memory : LIVE) {
                lines.add(describe(memory));
            }
        }
        return lines;
    }

    static Throwable opened(Storage.Memory memory) {
        if (!watching) {
            return null;
        }
        synchronized (LIVE) {
            LIVE.add(memory);
        }
        return new Throwable("allocated here");
    }

    static void closed(Storage.Memory memory) {
        if (memory.site() != null) {
            synchronized (LIVE) {
                LIVE.remove(memory);
            }
        }
    }

    private static String describe(Storage.Memory memory) {
        return memory.buffer.length() + " elements on " + memory.backend.name() + frames(memory.site());
    }

    /** The frames of an allocation outside the engine's own plumbing, innermost first, each on a line of its own. */
    static String frames(Throwable site) {
        StringBuilder text = new StringBuilder();
        int frames = 0;
        for (StackTraceElement frame : site.getStackTrace()) {
            if (!PLUMBING.contains(frame.getClassName()) && frames++ < 8) {
                text.append("\n    at ").append(frame);
            }
        }
        return text.toString();
    }
}

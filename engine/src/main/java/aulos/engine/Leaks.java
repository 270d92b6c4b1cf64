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
    private static final Set<Storage> LIVE = Collections.newSetFromMap(new IdentityHashMap<>());
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
            for (Storage storage : LIVE) {
                lines.add(describe(storage));
            }
        }
        return lines;
    }

    static Throwable opened(Storage storage) {
        if (!watching) {
            return null;
        }
        synchronized (LIVE) {
            LIVE.add(storage);
        }
        return new Throwable("allocated here");
    }

    static void closed(Storage storage) {
        if (storage.allocationSite() != null) {
            synchronized (LIVE) {
                LIVE.remove(storage);
            }
        }
    }

    private static String describe(Storage storage) {
        StringBuilder text = new StringBuilder(storage.buffer().length() + " elements on " + storage.backend.name());
        int frames = 0;
        for (StackTraceElement frame : storage.allocationSite().getStackTrace()) {
            boolean plumbing = List.of("aulos.engine.Storage", "aulos.engine.Leaks", "aulos.engine.Tensor")
                    .contains(frame.getClassName());
            if (!plumbing && frames++ < 8) {
                text.append("\n    at ").append(frame);
            }
        }
        return text.toString();
    }
}

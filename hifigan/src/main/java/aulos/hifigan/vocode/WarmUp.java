// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import aulos.engine.Backends;

/**
 * Has the JVM compile the kernels of a generator while the program reads its arguments and files. Otherwise a first clip
 * meets each of them in turn before it is compiled. Nothing depends on it but the time.
 */
public final class WarmUp {
    private static volatile Thread running;

    private WarmUp() {}

    /** Begins, on a thread of its own. */
    public static void begin() {
        running = Thread.ofPlatform().daemon().name("aulos-warm-up").start(Backends::warmUp);
    }

    /** Does what is left of it, if it has begun, and waits for its end. */
    public static void await() {
        Thread thread = running;
        if (thread == null) {
            return;
        }
        Backends.warmUp();
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}

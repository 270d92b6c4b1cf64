// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Lets work that is worth saving come to a good end when the program is told to stop by Ctrl-C (or SIGTERM): the JVM
 * then runs its shutdown hooks while all other threads go on, and ends with the exit code 130 (143) only when this is
 * closed.
 */
final class Interrupt implements AutoCloseable {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean requested;

    /** @param onRequest runs when the program is told to stop, on another thread */
    Interrupt(Runnable onRequest) {
        hook = new Thread(() -> {
            requested = true;
            onRequest.run();
            try {
                finished.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "aulos-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    boolean requested() {
        return requested;
    }

    @Override
    public void close() {
        finished.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shuttingDown) {
                // The hook is running already, and has just been let go.
                requested = true;
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** How long a piece of an answer may take to be sent: a reader has to be as fast as a sender, over a longer time. */
final class Patience {
    /**
     * In windows of {@link ServerOptions.Receiving}. A reader that keeps up on average may take nothing for seconds:
     * systems say that there is room again only when a good part of their buffer is free.
     */
    private static final int WINDOWS = 4;

    private final ScheduledExecutorService alarms;
    private final Duration most;
    private final int bytes;

    Patience(ServerOptions.Receiving limits, ScheduledExecutorService alarms) {
        this.alarms = alarms;
        this.most = limits.window().multipliedBy(WINDOWS);
        this.bytes = (int) Math.max(1, limits.bytesPerSecond() * most.toMillis() / 1000);
    }

    /** Writes to a connection. */
    interface Sending {
        void send() throws IOException;
    }

    /** The size of a piece: the least that has to be taken in the time. */
    int bytes() {
        return bytes;
    }

    /** Sends at most a piece; what takes too long is interrupted, which closes the connection. */
    void watch(Sending sending) throws IOException {
        Alarm alarm = new Alarm();
        Future<?> future = alarms.schedule(alarm::ring, most.toNanos(), TimeUnit.NANOSECONDS);
        try {
            sending.send();
        } finally {
            alarm.end();
            future.cancel(false);
        }
    }

    private static final class Alarm {
        private final Thread thread = Thread.currentThread();
        private boolean ended;

        synchronized void ring() {
            if (!ended) {
                thread.interrupt();
            }
        }

        synchronized void end() {
            ended = true;
        }
    }
}

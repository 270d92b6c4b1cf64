// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Receives bodies before their requests take a place in the queue: so many at a time, so many bytes in all that are not
 * worked on yet, and none slower than a minimum rate. Who is slow holds nobody up, and not for long.
 */
final class Reception {
    private static final int BLOCK = 1 << 14;

    private final ServerOptions.Receiving limits;
    private final Inbox inbox;
    private final ScheduledExecutorService alarms;
    private final AtomicInteger receiving = new AtomicInteger();
    private final AtomicLong held = new AtomicLong();

    Reception(ServerOptions.Receiving limits, Inbox inbox, ScheduledExecutorService alarms) {
        this.limits = limits;
        this.inbox = inbox;
        this.alarms = alarms;
    }

    /** Bodies that are being received now. */
    int receiving() {
        return receiving.get();
    }

    /**
     * Receives a body.
     *
     * @throws Refusal if there is none, it has more than {@code maxBytes}, as announced or as received, it comes too
     *     slowly, or too many others come at the same time
     * @throws ClientGone if the connection is cut; then no file is left behind
     * @throws ServerFault if it cannot be stored
     */
    Upload receive(HttpExchange exchange, long maxBytes) throws IOException, InterruptedException, Refusal {
        String announced = exchange.getRequestHeaders().getFirst("Content-Length");
        if (announced != null && Long.parseLong(announced) > maxBytes) {
            throw tooLarge(maxBytes);
        }
        try {
            if (receiving.incrementAndGet() > limits.most()) {
                throw new Refusal(Refusal.UNAVAILABLE, limits.most() + " requests are being received, try again later");
            }
            return receive(exchange.getRequestBody(), maxBytes);
        } finally {
            receiving.decrementAndGet();
        }
    }

    private Upload receive(InputStream body, long maxBytes) throws IOException, InterruptedException, Refusal {
        Path file = inbox.newFile();
        AtomicLong size = new AtomicLong();
        Upload upload = null;
        try {
            Pace pace = new Pace(Thread.currentThread(), limits);
            long window = limits.window().toNanos();
            Future<?> ticks = alarms.scheduleAtFixedRate(pace::tick, window, window, TimeUnit.NANOSECONDS);
            try {
                copy(body, file, maxBytes, size, pace);
            } finally {
                ticks.cancel(false);
                pace.end();
            }
            if (size.get() == 0) {
                throw new Refusal(Refusal.BAD_REQUEST, "the body is empty, expected a WAV, FLAC or .npy file");
            }
            upload = new Upload(file, size.get(), () -> delete(file, size.get()));
            return upload;
        } finally {
            if (upload == null) {
                delete(file, size.get());
            }
        }
    }

    private void delete(Path file, long size) {
        held.addAndGet(-size);
        inbox.delete(file);
    }

    private void copy(InputStream body, Path file, long maxBytes, AtomicLong size, Pace pace)
            throws IOException, InterruptedException, Refusal {
        byte[] block = new byte[BLOCK];
        try (OutputStream out = open(file)) {
            for (int read = body.read(block); read >= 0; read = body.read(block)) {
                held.addAndGet(read);
                if (size.addAndGet(read) > maxBytes) {
                    throw tooLarge(maxBytes);
                }
                if (held.get() > limits.bytes()) {
                    throw new Refusal(Refusal.UNAVAILABLE, "too much is being received, try again later");
                }
                pace.received(read);
                store(out, block, read);
            }
        }
    }

    private static OutputStream open(Path file) throws ServerFault {
        try {
            return Files.newOutputStream(file);
        } catch (IOException e) {
            throw cannotStore(e);
        }
    }

    static void store(OutputStream out, byte[] block, int length) throws ServerFault, InterruptedException {
        try {
            out.write(block, 0, length);
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw new InterruptedException("the request's time was up while its body was stored");
        } catch (IOException e) {
            throw cannotStore(e);
        }
    }

    private static ServerFault cannotStore(IOException e) {
        return new ServerFault("the server cannot store uploads now", e);
    }

    private static Refusal tooLarge(long maxBytes) {
        return new Refusal(Refusal.TOO_LARGE, "the body has more than " + maxBytes + " bytes, the most that is taken");
    }

    /** Whether enough comes in every window of time. Who sends too little is told so, who sends nothing is cut off. */
    private static final class Pace {
        private final Thread reader;
        private final ServerOptions.Receiving limits;
        private long received;
        private long before;
        private boolean slow;
        private boolean ended;

        Pace(Thread reader, ServerOptions.Receiving limits) {
            this.reader = reader;
            this.limits = limits;
        }

        synchronized void tick() {
            if (ended) {
                return;
            }
            if (slow) {
                reader.interrupt();
            }
            slow = received - before < limits.bytesPerSecond() * limits.window().toMillis() / 1000;
            before = received;
        }

        synchronized void received(int bytes) throws Refusal {
            received += bytes;
            if (slow) {
                throw new Refusal(Refusal.TOO_SLOW, "the body comes slower than " + limits.bytesPerSecond()
                        + " bytes a second, the least that is waited for");
            }
        }

        synchronized void end() {
            ended = true;
        }
    }
}

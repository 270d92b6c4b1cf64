// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.hifigan.vocode.Voice;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * The vocoder behind HTTP/1.1: a web page, an API below {@code /api/}, {@code /healthz} and {@code /metrics}; described
 * in {@code docs/serve.md}. The JDK's server, with a virtual thread for each request and one thread for each device.
 */
public final class Server implements AutoCloseable {
    private static final int BACKLOG = 256;
    /** Closing waits so long for requests that are being answered. */
    private static final int GRACE_SECONDS = 10;
    private static final long POLL_NANOS = 10_000_000;

    private final ServerOptions options;
    private final BiConsumer<String, Throwable> log;
    private final Gate gate;
    private final Metrics metrics = new Metrics();
    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor alarms = new ScheduledThreadPoolExecutor(1,
            Thread.ofPlatform().daemon().name("aulos-serve-alarms").factory());
    private final ExecutorService requests =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("aulos-serve-request-", 0).factory());
    private final Inbox inbox;
    private final Devices devices;
    private final Voices voices;
    private final Reception reception;
    private final Patience patience;
    private final HttpServer http;
    private final AtomicInteger answering = new AtomicInteger();
    private volatile boolean closing;

    private interface Action {
        void answer(HttpExchange exchange) throws IOException, InterruptedException, Refusal;
    }

    /** {@code GET} stands for {@code HEAD} too. */
    private record Route(String method, Action action) {
        boolean allows(String other) {
            return other.equals(method) || (other.equals("HEAD") && method.equals("GET"));
        }
    }

    /** The JDK's server reads these once. Without them it waits for ever for a request whose head is never finished. */
    private static void limitConnections(ServerOptions options) {
        limit("sun.net.httpserver.maxReqTime", Long.toString(Math.max(120, options.timeout().toSeconds())));
        limit("sun.net.httpserver.maxReqHeaderSize", "32768");
        limit("jdk.httpserver.maxConnections", "2000");
        limit("sun.net.httpserver.nodelay", "true");
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private Server(ServerOptions options, String voiceName, Voice voice, BiConsumer<String, Throwable> log)
            throws IOException, InterruptedException {
        this.options = options;
        this.log = log;
        this.gate = new Gate(options.hosts());
        this.inbox = new Inbox(log);
        this.devices = new Devices(options.device(), options.precision());
        this.voices = new Voices(voiceName, voice, options.checkpoints(),
                checkpoint -> Voice.load(checkpoint, null, note -> log.accept(note, null)), log);
        this.reception = new Reception(options.receiving(), inbox, alarms);
        this.patience = new Patience(options.receiving(), alarms);
        try {
            addRoutes(new Api(options, devices, voices, metrics, reception, log));
            checkFolder();
            loadDefault();
            this.http = HttpServer.create(new InetSocketAddress(options.address(), options.port()), BACKLOG);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            free();
            throw e;
        }
        alarms.setRemoveOnCancelPolicy(true);
        http.setExecutor(requests);
        http.createContext("/", this::handle);
        http.start();
    }

    /**
     * Starts a server; when this returns it listens, the voice is loaded, and its code compiled.
     *
     * @param voiceName what requests and the page call the default voice
     * @param log is told what went wrong in the server itself
     * @throws IOException if the address cannot be had, naming it, or the folder of checkpoints not be read
     * @throws IllegalArgumentException if there is no such kind of device
     * @throws IllegalStateException if there is no such device of that kind, or it lacks the precision
     */
    public static Server start(
            ServerOptions options, String voiceName, Voice voice, BiConsumer<String, Throwable> log)
            throws IOException, InterruptedException {
        if (options.checkpoints() != null && !Files.isDirectory(options.checkpoints())) {
            throw new NotDirectoryException(options.checkpoints().toString());
        }
        limitConnections(options);
        try {
            return new Server(options, voiceName, voice, log);
        } catch (BindException e) {
            throw new IOException(options.address().getHostAddress() + " port " + options.port() + ": " + e.getMessage()
                    + " (choose another with --port)", e);
        }
    }

    /** Also says which of its files are left out, and why. */
    private void checkFolder() throws IOException {
        try {
            voices.list();
        } catch (ServerFault e) {
            throw new IOException(options.checkpoints() + ": cannot be read: " + e.getCause().getMessage(), e);
        }
    }

    private void addRoutes(Api api) throws IOException {
        Pages.load().forEach((path, page) -> routes.put(path, new Route("GET", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "no-cache");
            Answer.bytes(exchange, 200, page.type(), page.content());
        })));
        routes.put("/healthz", new Route("GET", exchange -> {
            JsonObject health = new JsonObject();
            health.addProperty("status", "ok");
            Answer.json(exchange, 200, health);
        }));
        routes.put("/metrics", new Route("GET", exchange -> Answer.bytes(exchange, 200, Metrics.CONTENT_TYPE,
                metrics.text(reception.receiving(), api.inFlight(), api.unread(), options.capacity())
                        .getBytes(StandardCharsets.UTF_8))));
        routes.put("/api/info", new Route("GET", api::info));
        routes.put("/api/vocode", new Route("POST", api::vocode));
        routes.put("/api/mel", new Route("POST", api::mel));
    }

    /** What cannot work at all is found out now; nor does the first request wait for it, or for the JVM's compiler. */
    private void loadDefault() throws IOException, InterruptedException {
        try (Device.Lease lease = devices.defaultDevice().lease(voices, voices.defaultEntry())) {
            Studio studio = lease.open();
            long start = System.nanoTime();
            long samples = devices.defaultDevice().call(studio::warmUp);
            metrics.warmedUp((double) samples / studio.config.mel().samplingRate(), (System.nanoTime() - start) * 1e-9);
        } catch (Refusal e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        answering.incrementAndGet();
        Future<?> alarm = alarms.schedule(Thread.currentThread()::interrupt, options.timeout().toMillis(),
                TimeUnit.MILLISECONDS);
        String path = exchange.getRequestURI().getPath();
        String label = routes.containsKey(path) ? path : "other";
        try {
            Gate.protect(exchange.getResponseHeaders());
            Wire.watch(exchange, patience);
            try {
                answer(exchange, routes.get(path));
            } catch (Refusal refusal) {
                refuse(exchange, refusal);
            } catch (Wire.BadBody e) {
                breakOff(exchange, new Refusal(Refusal.BAD_REQUEST, e.getMessage()));
            } catch (ClientGone e) {
                throw e;
            } catch (IOException | InterruptedException | RuntimeException | Error e) {
                refuse(exchange, own(label, e));
            }
            metrics.answered(label, exchange.getResponseCode());
            exchange.close();
        } catch (IOException e) {
            // The client has gone, or took too long. Only when told so does the JDK's server forget the connection.
            if (e instanceof Answered) {
                metrics.answered(label, exchange.getResponseCode());
            } else {
                metrics.cut();
            }
            throw e;
        } finally {
            alarm.cancel(false);
            answering.decrementAndGet();
        }
    }

    /** What a client is told of something that is not its fault; the log is told more. */
    private Refusal own(String label, Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
                Thread.interrupted(); // or the answer could not be sent
                return new Refusal(Refusal.UNAVAILABLE, "the request took longer than "
                        + options.timeout().toSeconds() + " s");
            }
        }
        boolean isFault = thrown instanceof ServerFault;
        log.accept("while answering " + label, isFault ? thrown.getCause() : thrown);
        return new Refusal(Refusal.INTERNAL, isFault ? thrown.getMessage() : "internal error");
    }

    private void answer(HttpExchange exchange, Route route) throws IOException, InterruptedException, Refusal {
        gate.check(exchange);
        if (closing) {
            throw new Refusal(Refusal.UNAVAILABLE, "the server is shutting down");
        }
        if (route == null) {
            throw new Refusal(Refusal.NOT_FOUND, "there is nothing at this path");
        }
        if (!route.allows(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", route.method.equals("GET") ? "GET, HEAD" : route.method);
            throw new Refusal(Refusal.METHOD_NOT_ALLOWED, "expected the method " + route.method);
        }
        route.action.answer(exchange);
    }

    /** @throws ClientGone if the answer has already begun: all that is left is to break it off */
    private void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
        if (exchange.getResponseCode() >= 0) {
            throw new ClientGone(refusal);
        }
        if (refusal.status() == Refusal.TOO_SLOW) {
            breakOff(exchange, refusal);
        }
        try {
            Answer.drain(exchange, options.maxBytes());
        } catch (Wire.BadBody e) {
            breakOff(exchange, refusal);
        }
        Answer.json(exchange, refusal.status(), json(refusal));
    }

    /**
     * Answers, and has the connection closed.
     *
     * @throws Answered always, but if the client has gone
     */
    private static void breakOff(HttpExchange exchange, Refusal refusal) throws IOException {
        Answer.last(exchange, refusal.status(), json(refusal));
        throw new Answered(refusal);
    }

    /** The last answer on its connection was given. */
    private static final class Answered extends IOException {
        private static final long serialVersionUID = 1;

        Answered(Refusal refusal) {
            super(refusal);
        }
    }

    private static JsonObject json(Refusal refusal) {
        JsonObject body = new JsonObject();
        body.addProperty("status", refusal.status());
        body.addProperty("error", refusal.getMessage());
        return body;
    }

    /** Where uploads are while they are read. */
    Path folder() {
        return inbox.folder();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return http.getAddress();
    }

    /** Listens no more, finishes what is being answered if that takes no longer than 10 s, and frees everything. */
    @Override
    public synchronized void close() {
        if (closing) {
            return;
        }
        closing = true;
        // The JDK's server counts a request whose connection was cut as being answered for ever.
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
        while (answering.get() > 0 && System.nanoTime() < patience) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        http.stop(0);
        free();
    }

    private void free() {
        requests.shutdownNow();
        try {
            if (!requests.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
                log.accept("some requests did not end", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        alarms.shutdownNow();
        voices.close();
        devices.close();
        inbox.close();
    }
}

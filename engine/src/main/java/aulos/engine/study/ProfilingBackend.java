// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.io.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Any backend, measured: how long each kernel takes, for which part of the model it runs, and how much memory is in use
 * at most. It waits for each kernel to finish and has none of them computed {@link #together}, so the whole is slower than
 * without it.
 */
public final class ProfilingBackend extends ForwardingBackend {
    /** What one kernel and its time in the trace take is about 200 bytes. */
    private static final int MAX_EVENTS = 200_000;

    /** One kernel that ran; times in nanoseconds since measuring began. */
    private record Event(String kernel, String label, Shape shape, long start, long duration) {}

    private static final class Total {
        private long count;
        private long nanos;
    }

    private final long origin = System.nanoTime();
    private final List<Event> events = new ArrayList<>();
    private final Map<String, Total> totals = new TreeMap<>();
    private final Set<Buffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long liveElements;
    private long peakElements;

    /** Closing this closes {@code inner}. */
    public ProfilingBackend(Backend inner) {
        super(inner);
    }

    @Override
    public Buffer allocate(int length) {
        Buffer buffer = inner.allocate(length);
        live.add(buffer);
        liveElements += length;
        peakElements = Math.max(peakElements, liveElements);
        return buffer;
    }

    @Override
    public void free(Buffer buffer) {
        inner.free(buffer);
        if (live.remove(buffer)) {
            liveElements -= buffer.length();
        }
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        long start = System.nanoTime();
        inner.run(kernel, out, in);
        inner.sync();
        long duration = System.nanoTime() - start;
        String name = name(kernel);
        Total total = totals.computeIfAbsent(name, key -> new Total());
        total.count++;
        total.nanos += duration;
        if (events.size() < MAX_EVENTS) {
            events.add(new Event(name, Tape.label(), out.shape(), start - origin, duration));
        }
    }

    /** The kernel's name; a pointwise one's with its function. */
    private static String name(Kernel kernel) {
        String name = kernel.getClass().getSimpleName();
        return kernel instanceof Kernel.Pointwise pointwise ? name + " " + pointwise.function() : name;
    }

    /** Bytes in buffers that are allocated and not freed. */
    public long liveBytes() {
        return bytes(liveElements);
    }

    /** The most that {@link #liveBytes} has been. */
    public long peakBytes() {
        return bytes(peakElements);
    }

    private long bytes(long elements) {
        return elements * (isDouble() ? Double.BYTES : Float.BYTES);
    }

    /** One line per kernel, the costliest first: calls, seconds, share of all kernels' time. */
    public String table() {
        long all = totals.values().stream().mapToLong(total -> total.nanos).sum();
        StringBuilder table = new StringBuilder(
                String.format(Locale.ROOT, "%-28s %10s %10s %7s%n", "kernel", "calls", "seconds", "share"));
        totals.entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> -entry.getValue().nanos))
                .forEach(entry -> table.append(row(entry.getKey(), entry.getValue(), all)));
        long count = totals.values().stream().mapToLong(total -> total.count).sum();
        Total sum = new Total();
        sum.count = count;
        sum.nanos = all;
        return table.append(row("all", sum, all)).toString();
    }

    private static String row(String name, Total total, long all) {
        return String.format(Locale.ROOT, "%-28s %10d %10.3f %6.1f%%%n", name, total.count, total.nanos / 1e9,
                100.0 * total.nanos / Math.max(1, all));
    }

    /**
     * The first 200,000 kernels as a trace in Chrome's format (a JSON array of complete events, times in microseconds),
     * which {@code chrome://tracing} and Perfetto show; the label and the output's shape are arguments of each.
     */
    public String trace() {
        StringBuilder json = new StringBuilder("[");
        for (Event event : events) {
            json.append(json.length() > 1 ? ",\n" : "\n");
            json.append(String.format(Locale.ROOT,
                    "{\"name\":\"%s\",\"ph\":\"X\",\"ts\":%.3f,\"dur\":%.3f,\"pid\":1,\"tid\":1,"
                            + "\"args\":{\"label\":%s,\"shape\":\"%s\"}}",
                    event.kernel, event.start / 1e3, event.duration / 1e3, Json.quote(event.label), event.shape));
        }
        return json.append("\n]\n").toString();
    }
}

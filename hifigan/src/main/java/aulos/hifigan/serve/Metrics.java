// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** What the server counts, in the text format of Prometheus, version 0.0.4. */
final class Metrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** Upper bounds of the histogram, in seconds. */
    private static final double[] BUCKETS = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100};

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final LongAdder[] buckets = new LongAdder[BUCKETS.length + 1];
    private final DoubleAdder durations = new DoubleAdder();
    private final LongAdder cut = new LongAdder();
    private final DoubleAdder audioSeconds = new DoubleAdder();
    private final DoubleAdder computeSeconds = new DoubleAdder();
    private final DoubleAdder warmUpAudio = new DoubleAdder();
    private final DoubleAdder warmUpSeconds = new DoubleAdder();

    Metrics() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /** @param path one of those there are, or {@code other}: each makes a line of its own */
    void answered(String path, int status) {
        requests.computeIfAbsent("path=\"" + path + "\",status=\"" + status + "\"", _ -> new LongAdder()).increment();
    }

    /** A connection was lost before its answer was complete, or its time was up. */
    void cut() {
        cut.increment();
    }

    /** A request with work in it was answered in full. */
    void worked(double seconds) {
        int bucket = 0;
        while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]) {
            bucket++;
        }
        buckets[bucket].increment();
        durations.add(seconds);
    }

    void synthesised(double audio, double compute) {
        audioSeconds.add(audio);
        computeSeconds.add(compute);
    }

    /** What was synthesised before the server listened, in seconds, and how long that took. */
    void warmedUp(double audio, double seconds) {
        warmUpAudio.add(audio);
        warmUpSeconds.add(seconds);
    }

    /** What a request took on average so far, in seconds; 0 before the first. */
    double meanSeconds() {
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
        }
        return count == 0 ? 0 : durations.sum() / count;
    }

    /** All of it, with what only the server knows. */
    String text(int receiving, int inFlight, int unread, int capacity) {
        StringBuilder text = new StringBuilder();
        head(text, "aulos_requests_total", "counter", "Requests answered, by path and status.");
        requests.forEach((labels, count) -> line(text, "aulos_requests_total{" + labels + "}", count.sum()));
        head(text, "aulos_connections_cut_total", "counter", "Answers that could not be sent in full.");
        line(text, "aulos_connections_cut_total", cut.sum());
        head(text, "aulos_requests_receiving", "gauge", "Requests with audio that are received now.");
        line(text, "aulos_requests_receiving", receiving);
        head(text, "aulos_requests_in_flight", "gauge", "Requests with audio that are worked on now.");
        line(text, "aulos_requests_in_flight", inFlight);
        head(text, "aulos_requests_unread", "gauge", "Answers with audio that wait for their readers now.");
        line(text, "aulos_requests_unread", unread);
        head(text, "aulos_requests_capacity", "gauge", "Requests in flight from which on 503 is answered.");
        line(text, "aulos_requests_capacity", capacity);
        head(text, "aulos_request_seconds", "histogram", "From a request with audio to the end of its answer.");
        long count = 0;
        for (int i = 0; i < BUCKETS.length; i++) {
            count += buckets[i].sum();
            line(text, "aulos_request_seconds_bucket{le=\"" + BUCKETS[i] + "\"}", count);
        }
        count += buckets[BUCKETS.length].sum();
        line(text, "aulos_request_seconds_bucket{le=\"+Inf\"}", count);
        line(text, "aulos_request_seconds_sum", durations.sum());
        line(text, "aulos_request_seconds_count", count);
        head(text, "aulos_audio_seconds_total", "counter", "Audio synthesised.");
        line(text, "aulos_audio_seconds_total", audioSeconds.sum());
        head(text, "aulos_compute_seconds_total", "counter", "Time that synthesis took on the device.");
        line(text, "aulos_compute_seconds_total", computeSeconds.sum());
        head(text, "aulos_warm_up_audio_seconds", "gauge", "Audio synthesised before the server listened.");
        line(text, "aulos_warm_up_audio_seconds", warmUpAudio.sum());
        head(text, "aulos_warm_up_seconds", "gauge", "How long the server warmed up before it listened.");
        line(text, "aulos_warm_up_seconds", warmUpSeconds.sum());
        head(text, "aulos_heap_used_bytes", "gauge", "Java heap in use.");
        line(text, "aulos_heap_used_bytes", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        head(text, "aulos_uptime_seconds", "gauge", "Since the program started.");
        line(text, "aulos_uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() * 1e-3);
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ')
                .append(type).append('\n');
    }

    private static void line(StringBuilder text, String series, long value) {
        text.append(series).append(' ').append(value).append('\n');
    }

    private static void line(StringBuilder text, String series, double value) {
        text.append(series).append(' ').append(String.format(Locale.ROOT, "%.6f", value)).append('\n');
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.Precision;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a {@link Server} behaves.
 *
 * @param address to listen at
 * @param port to listen at; 0 for any that is free
 * @param hosts names, besides {@code localhost} and IP addresses, under which requests may address the server
 * @param device what computes unless a request names another, as in {@code --device}
 * @param precision of that device's convolutions; others compute in float32
 * @param checkpoints folder of the generators that requests may name, or null for none
 * @param capacity requests that have arrived and are worked on at a time; more are refused with 503
 * @param maxSeconds length of a clip or of a mel spectrogram, at most
 * @param maxBytes size of a request, at most
 * @param timeout from a request's first byte to the last byte of its answer
 * @param receiving limits of what has not arrived yet, at the one end or at the other
 */
public record ServerOptions(
        InetAddress address,
        int port,
        Set<String> hosts,
        String device,
        Precision precision,
        Path checkpoints,
        int capacity,
        int maxSeconds,
        long maxBytes,
        Duration timeout,
        Receiving receiving) {

    /**
     * Limits of requests' bodies while they are received, and of answers while they are sent.
     *
     * @param most how many are received at a time, and how many are worked on or wait for their readers; more are
     *     refused with 503
     * @param bytes of all that are received, and not worked on yet, at most
     * @param bytesPerSecond the least that is waited for, on average over each {@code window}
     */
    public record Receiving(int most, long bytes, int bytesPerSecond, Duration window) {
        private static final int EACH = 8;

        /** Eight bodies for each place in the queue, and the bytes of eight that are as large as they may be. */
        public static Receiving usual(int capacity, long maxBytes) {
            return new Receiving(EACH * capacity, EACH * maxBytes, 1 << 10, Duration.ofSeconds(5));
        }
    }

    /** @throws IllegalArgumentException if a value is out of range; names it */
    public ServerOptions {
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        check("port", port, 0, 65_535);
        check("capacity", capacity, 1, 10_000);
        check("seconds", maxSeconds, 1, 3600);
        check("bytes", maxBytes, 1 << 10, 1L << 32);
        check("timeout in ms", timeout.toMillis(), 1, 86_400_000);
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "server: " + what + " is " + value + ", expected " + least + " to " + most);
        }
    }
}

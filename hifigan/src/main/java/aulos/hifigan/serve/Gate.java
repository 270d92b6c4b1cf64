// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps other web sites out. A page from elsewhere can make the browser of somebody who runs a server on their machine
 * send requests to it: those carry that page's {@code Origin}. And it can give its own name this machine's address (DNS
 * rebinding): such requests carry that name as their {@code Host}, which is why names have to be known. IP addresses
 * need not be, since nobody can rebind one.
 */
final class Gate {
    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9a-fA-F:.]{2,45}]|[A-Za-z0-9._-]{1,253})(:\\d{1,5})?");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern ORIGIN = Pattern.compile("https?://([^/]{1,300})");

    private final Set<String> hosts;

    /** @param hosts names besides {@code localhost}, in lower case */
    Gate(Set<String> hosts) {
        this.hosts = hosts;
    }

    /** Tells the browser to load nothing from elsewhere, and to let nobody frame, sniff or embed what is here. */
    static void protect(Headers headers) {
        headers.set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "
                + "img-src 'self'; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()");
        headers.set("Cache-Control", "no-store");
    }

    /** @throws Refusal if the request was not meant for this server, or comes from another site's page */
    void check(HttpExchange exchange) throws Refusal {
        String host = only(exchange.getRequestHeaders(), "Host");
        Matcher authority = AUTHORITY.matcher(host == null ? "" : host);
        if (!authority.matches()) {
            throw new Refusal(Refusal.BAD_REQUEST, "expected one Host header, with a host and at most a port");
        }
        String name = authority.group(1).toLowerCase(Locale.ROOT);
        boolean known = name.equals("localhost") || name.startsWith("[") || IPV4.matcher(name).matches()
                || hosts.contains(name);
        if (!known) {
            throw new Refusal(Refusal.MISDIRECTED, "this server is not known as that host, expected localhost, an IP "
                    + "address, or a name given with --allow-host");
        }
        if (exchange.getRequestHeaders().containsKey("Origin")) {
            Matcher origin = ORIGIN.matcher(String.valueOf(only(exchange.getRequestHeaders(), "Origin")));
            if (!origin.matches() || !origin.group(1).equalsIgnoreCase(host)) {
                throw new Refusal(Refusal.FORBIDDEN, "the request comes from a page of another origin");
            }
        }
    }

    /** The value of a header that must not be repeated; null if it is missing or is. */
    private static String only(Headers headers, String name) {
        List<String> values = headers.get(name);
        return values == null || values.size() != 1 ? null : values.getFirst();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The parameters behind a path's question mark. */
record Query(Map<String, String> values) {
    /** @throws Refusal if there is another than these, one is there twice, or it is badly encoded */
    static Query of(HttpExchange exchange, List<String> known) throws Refusal {
        Map<String, String> values = new HashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (!known.contains(key)) {
                throw new Refusal(Refusal.BAD_REQUEST, "unknown parameter, expected "
                        + (known.isEmpty() ? "none" : "one of " + String.join(", ", known)));
            }
            try {
                if (values.put(key, URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8)) != null) {
                    throw new Refusal(Refusal.BAD_REQUEST, "parameter " + key + " is there twice");
                }
            } catch (IllegalArgumentException e) {
                throw new Refusal(Refusal.BAD_REQUEST, "parameter " + key + " is badly encoded");
            }
        }
        return new Query(values);
    }

    /** Null if it is not there. */
    String get(String key) {
        return values.get(key);
    }
}

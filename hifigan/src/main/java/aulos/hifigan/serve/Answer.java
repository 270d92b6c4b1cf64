// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Answers that are known whole. */
final class Answer {
    private static final int BLOCK = 1 << 14;

    private Answer() {}

    static void json(HttpExchange exchange, int status, JsonObject body) throws IOException {
        bytes(exchange, status, "application/json; charset=utf-8",
                (body + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static void bytes(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            Wire.begin(exchange, status, -1);
            return;
        }
        Wire.begin(exchange, status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /** Without reading what the client still sends: after this the connection has to be closed. */
    static void last(HttpExchange exchange, int status, JsonObject body) throws IOException {
        byte[] bytes = (body + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        exchange.getResponseHeaders().set("Connection", "close");
        Wire.begin(exchange, status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.getResponseBody().flush();
    }

    /** Reads on, up to {@code maxBytes}: a client that is still sending would not get to read why it was refused. */
    static void drain(HttpExchange exchange, long maxBytes) throws IOException {
        InputStream body = exchange.getRequestBody();
        byte[] block = new byte[BLOCK];
        long drained = 0;
        for (int read = body.read(block); read >= 0 && drained < maxBytes; read = body.read(block)) {
            drained += read;
        }
    }
}

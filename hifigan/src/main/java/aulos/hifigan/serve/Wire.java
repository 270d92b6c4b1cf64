// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What goes over a connection. Whatever fails there is {@link ClientGone} or, where the client does not keep to HTTP,
 * {@link BadBody}; so any other IOException is the server's own.
 */
final class Wire {
    private Wire() {}

    /** The chunks of a body are not what HTTP/1.1 says; where the next request begins, nobody knows. */
    static final class BadBody extends IOException {
        private static final long serialVersionUID = 1;

        BadBody(Exception cause) {
            super("the body's chunks are damaged", cause);
        }
    }

    /** Has the exchange's streams say who failed, and breaks off an answer that its client takes too slowly. */
    static void watch(HttpExchange exchange, Patience patience) {
        exchange.setStreams(new Body(exchange.getRequestBody()), new Reply(exchange.getResponseBody(), patience));
    }

    /** {@link HttpExchange#sendResponseHeaders}. */
    static void begin(HttpExchange exchange, int status, long length) throws ClientGone {
        try {
            exchange.sendResponseHeaders(status, length);
        } catch (IOException e) {
            throw new ClientGone(e);
        }
    }

    private static final class Body extends FilterInputStream {
        Body(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IndexOutOfBoundsException e) {
                throw new BadBody(e); // the JDK's server takes a size from 80000000 on for a negative one
            } catch (IOException e) {
                throw String.valueOf(e.getMessage()).startsWith("invalid chunk") ? new BadBody(e) : new ClientGone(e);
            }
        }
    }

    private static final class Reply extends FilterOutputStream {
        private final Patience patience;

        Reply(OutputStream out, Patience patience) {
            super(out);
            this.patience = patience;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int sent = 0; sent < length; sent += patience.bytes()) {
                int start = offset + sent;
                int piece = Math.min(patience.bytes(), length - sent);
                watched(() -> out.write(bytes, start, piece));
            }
        }

        @Override
        public void flush() throws IOException {
            watched(out::flush);
        }

        @Override
        public void close() throws IOException {
            watched(out::close);
        }

        private void watched(Patience.Sending sending) throws ClientGone {
            try {
                patience.watch(sending);
            } catch (IOException e) {
                throw new ClientGone(e);
            }
        }
    }
}

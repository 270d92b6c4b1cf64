// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.hifigan.audio.Encoding;
import aulos.hifigan.cli.TinyVoice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that read their answers slowly, or not at all. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadersTest {
    private static final String UNREAD = ConnectionsTest.UNREAD;

    private static TestServer server(int capacity, ServerOptions.Receiving limits)
            throws IOException, InterruptedException {
        return new TestServer(settings -> {
            settings.capacity = capacity;
            settings.maxSeconds = ConnectionsTest.LONG_SECONDS;
            settings.maxBytes = 16 << 20;
            settings.receiving = limits;
        });
    }

    /** More of them than there are places. */
    @Test
    void slowReadersStarveNobody() throws IOException, InterruptedException {
        List<Socket> slow = new ArrayList<>();
        try (TestServer server = server(1, ServerOptions.Receiving.usual(1, 16 << 20))) {
            try {
                for (int i = 1; i <= 3; i++) {
                    slow.add(ConnectionsTest.listenToTheBeginning(server));
                    server.awaitUnread(i);
                }
                for (int i = 0; i < 5; i++) {
                    assertThat(server.post("/api/vocode", TestServer.mel(100)).body())
                            .isEqualTo(server.expected(TestServer.melValues(100), Encoding.PCM16));
                }
            } finally {
                for (Socket socket : slow) {
                    socket.close();
                }
            }
            server.await(UNREAD, 0);
        }
    }

    @Test
    void howManyWaitForTheirReadersIsBounded() throws IOException, InterruptedException {
        ServerOptions.Receiving limits = new ServerOptions.Receiving(1, 32 << 20, 1, Duration.ofSeconds(60));
        try (TestServer server = server(1, limits); Socket first = ConnectionsTest.listenToTheBeginning(server)) {
            server.awaitUnread(1);
            HttpResponse<byte[]> refused = server.post("/api/vocode", new byte[3 << 20]);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 60);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"status\":503,\"error\":\"1 answers wait for their readers, try again later\"}\n");
            assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
            first.close();
            server.await(UNREAD, 0);
            assertThat(server.post("/api/vocode", TestServer.mel(200)).statusCode()).isEqualTo(200);
        }
    }

    /** Long before the request's time is up; who reads steadily gets everything. */
    @Test
    void whoTakesNothingIsCutOff() throws IOException, InterruptedException {
        ServerOptions.Receiving limits = new ServerOptions.Receiving(8, 32 << 20, 1000, Duration.ofMillis(250));
        int length = 44 + 2 * ConnectionsTest.LONG_SECONDS * TinyVoice.RATE;
        try (TestServer server = server(2, limits); Socket silent = ConnectionsTest.listenToTheBeginning(server);
                Socket steady = ConnectionsTest.listenToTheBeginning(server)) {
            InputStream in = steady.getInputStream();
            byte[] block = new byte[1 << 20];
            long received = 2000;
            for (int read = 0; received < length; received += read) {
                read = in.read(block);
                assertThat(read).as("bytes after " + received).isPositive();
                Thread.sleep(20);
            }
            server.await("aulos_connections_cut_total", 1);
            server.await(UNREAD, 0);
            assertThat(silent.getInputStream().readAllBytes().length).as("what was on its way").isLessThan(length);
            assertThat(server.log).isEmpty();
        }
    }

    @Test
    void aPlaceIsLeftWhileTheClientReads() throws IOException, Refusal {
        Places places = new Places(1, 2);
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, length);
                try (Places.Place other = places.take()) {
                    other.leave();
                    assertThat(places.unread()).isEqualTo(2);
                    assertThatThrownBy(places::take).isInstanceOf(Refusal.class)
                            .hasMessage("2 answers wait for their readers, try again later");
                } catch (Refusal e) {
                    throw new AssertionError(e);
                }
            }
        };
        try (Places.Place place = places.take()) {
            assertThatThrownBy(places::take).isInstanceOf(Refusal.class)
                    .hasMessage("1 requests are being worked on, try again later");
            place.leftWhileWriting(out).write(new byte[3]);
            assertThat(out.size()).isEqualTo(3);
            assertThatThrownBy(places::requireRoom).isInstanceOf(Refusal.class);
            place.leave();
            places.requireRoom();
        }
        assertThat(places.inFlight() + places.unread()).isZero();
        places.take().close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.hifigan.audio.Encoding;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that come slowly, in great numbers, or in chunks that are none. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReceptionTest {
    private static final String RECEIVING = "aulos_requests_receiving";

    private static byte[] head(int length) {
        return ("POST /api/vocode HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String reply(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** As many as there are places in the queue, and twice as many. */
    @Test
    void slowClientsStarveNobody() throws IOException, InterruptedException {
        List<Socket> slow = new ArrayList<>();
        try (TestServer server = new TestServer(settings -> settings.capacity = 32)) {
            try {
                for (int i = 0; i < 64; i++) {
                    Socket socket = server.connect();
                    slow.add(socket);
                    socket.getOutputStream().write(head(30_000));
                    socket.getOutputStream().write(0x93);
                }
                server.await(RECEIVING, 64);
                for (Socket socket : slow) {
                    socket.getOutputStream().write('N');
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
            server.await(RECEIVING, 0);
            server.await("aulos_requests_in_flight", 0);
            assertThat(server.uploads()).isEmptyDirectory();
        }
    }

    @Test
    void whoIsTooSlowIsToldSoAndWhoIsSilentIsCutOff() throws IOException, InterruptedException {
        try (TestServer server = new TestServer(settings -> settings.receiving =
                new ServerOptions.Receiving(8, 8 << 20, 100, Duration.ofSeconds(1)));
                Socket slow = server.connect(); Socket silent = server.connect(); Socket steady = server.connect()) {
            silent.getOutputStream().write(head(1000));
            slow.getOutputStream().write(head(1000));
            byte[] mel = TestServer.mel(2000);
            steady.getOutputStream().write(head(mel.length));
            OutputStream drop = slow.getOutputStream();
            int sent = 0;
            for (int i = 0; i < 100 && slow.getInputStream().available() == 0; i++) {
                drop.write(0);
                Thread.sleep(30);
                int more = Math.min(300, mel.length - sent);
                steady.getOutputStream().write(mel, sent, more);
                sent += more;
            }
            assertThat(reply(slow)).startsWith("HTTP/1.1 408 ").endsWith("{\"status\":408,\"error\":\"the body comes "
                    + "slower than 100 bytes a second, the least that is waited for\"}\n");
            assertThat(silent.getInputStream().read()).as("closed").isEqualTo(-1);
            steady.getOutputStream().write(mel, sent, mel.length - sent);
            assertThat(new String(steady.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200 OK");
            server.await(RECEIVING, 0);
            assertThat(server.uploads()).isEmptyDirectory();
            assertThat(server.log).isEmpty();
        }
    }

    @Test
    void numberAndSizeOfWhatIsReceivedAreBounded() throws IOException, InterruptedException {
        try (TestServer server = new TestServer(settings -> settings.receiving =
                new ServerOptions.Receiving(2, 100_000, 1, Duration.ofSeconds(60)));
                Socket first = server.connect(); Socket second = server.connect()) {
            first.getOutputStream().write(head(90_000));
            first.getOutputStream().write(new byte[80_000]);
            server.await(RECEIVING, 1);
            assertThat(new String(server.post("/api/vocode", new byte[30_000]).body(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"status\":503,\"error\":\"too much is being received, try again later\"}\n");
            second.getOutputStream().write(head(1000));
            server.await(RECEIVING, 2);
            byte[] mel = TestServer.mel(10);
            assertThat(new String(server.post("/api/vocode", mel).body(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"status\":503,\"error\":\"2 requests are being received, try again later\"}\n");
            first.close();
            server.await(RECEIVING, 1);
            assertThat(server.post("/api/vocode", mel).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void chunksOfImpossibleSizeAreTheClientsFault() throws IOException, InterruptedException {
        try (TestServer server = new TestServer(settings -> { })) {
            for (String size : List.of("80000000", "ffffffff", "fffffffe", "g", "-1", "123456789abcdef01", "5;")) {
                String answer = server.raw("POST /api/vocode HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                        + "\r\n" + size + "\r\nhello, world\r\n0\r\n\r\n");
                assertThat(answer).as(size).startsWith("HTTP/1.1 400 ")
                        .endsWith("{\"status\":400,\"error\":\"the body's chunks are damaged\"}\n");
            }
            assertThat(server.log).isEmpty();
            assertThat(server.uploads()).isEmptyDirectory();
            assertThat(server.metric("aulos_requests_total{path=\"/api/vocode\",status=\"400\"}")).isEqualTo(7);
            // And where the body is not wanted at all.
            assertThat(server.raw("POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "ffffffff\r\n")).startsWith("HTTP/1.1 405 ");
            assertThat(server.log).isEmpty();
        }
    }
}

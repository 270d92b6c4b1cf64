// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Leaks;
import aulos.engine.NdArray;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.cli.TinyVoice;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients, slow ones, and those that go away. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectionsTest {
    private static final String IN_FLIGHT = "aulos_requests_in_flight";
    static final String UNREAD = "aulos_requests_unread";
    private static final String RECEIVING = "aulos_requests_receiving";

    /** More audio than the buffers of a connection hold: 19 MB. */
    static final int LONG_SECONDS = 600;
    private static final int LONG_FRAMES = LONG_SECONDS * TinyVoice.RATE / TinyVoice.HOP;

    @TempDir
    Path folder;

    private static String head(int length) {
        return "POST /api/vocode HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n";
    }

    /** Sends a request whose answer is long, and reads how it begins. */
    static Socket listenToTheBeginning(TestServer server) throws IOException {
        byte[] mel = TestServer.mel(LONG_FRAMES);
        Socket socket = server.connect();
        socket.getOutputStream().write(head(mel.length).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(mel);
        String begin = new String(socket.getInputStream().readNBytes(2000), StandardCharsets.ISO_8859_1);
        assertThat(begin).startsWith("HTTP/1.1 200 OK").contains("RIFF", "WAVEfmt ");
        return socket;
    }

    private static TestServer longServer() throws IOException, InterruptedException {
        return new TestServer(settings -> {
            settings.maxSeconds = LONG_SECONDS;
            settings.maxBytes = 16 << 20;
        });
    }

    @Test
    void sendsEachChunkAsItIsComputed() throws IOException, InterruptedException {
        try (TestServer server = longServer(); Socket socket = listenToTheBeginning(server)) {
            // The reader has what was first, and takes no more: so the last cannot have been computed.
            assertThat(server.metric("aulos_audio_seconds_total")).isLessThan(LONG_SECONDS - 1);
            server.awaitUnread(1);
            // Meanwhile others are served.
            byte[] small = TestServer.mel(300);
            assertThat(server.post("/api/vocode", small).body())
                    .isEqualTo(server.expected(TestServer.melValues(300), Encoding.PCM16));
        }
    }

    @Test
    void cutConnectionsLeaveNothingBehind() throws IOException, InterruptedException {
        try (TestServer server = longServer()) {
            server.post("/api/vocode", TestServer.mel(10));
            server.await(IN_FLIGHT, 0);
            Leaks.watch(true);
            try {
                for (int i = 0; i < 3; i++) {
                    try (Socket inRequest = server.connect(); Socket inAnswer = listenToTheBeginning(server)) {
                        inRequest.getOutputStream().write(head(100_000).getBytes(StandardCharsets.US_ASCII));
                        inRequest.getOutputStream().write(new byte[30_000]);
                        server.await(UNREAD, 1);
                        server.await(RECEIVING, 1);
                        assertThat(server.uploads()).isNotEmptyDirectory();
                        // Without a farewell, as when a cable is pulled.
                        inAnswer.setSoLinger(true, 0);
                    }
                    server.await(IN_FLIGHT, 0);
                    server.await(UNREAD, 0);
                    server.await(RECEIVING, 0);
                    assertThat(server.uploads()).isEmptyDirectory();
                }
                assertThat(server.metric("aulos_connections_cut_total")).isEqualTo(6);
                // Whatever the device's thread still had to do is done before this.
                assertThat(server.post("/api/vocode", TestServer.mel(10)).statusCode()).isEqualTo(200);
                assertThat(Leaks.report()).isEmpty();
            } finally {
                Leaks.watch(false);
            }
            server.close();
            assertThat(server.log).isEmpty();
            assertThat(server.uploads()).doesNotExist();
            assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                    .filter(name -> name.startsWith("aulos-serve"))).isEmpty();
        }
    }

    /** The build allows a server 100 connections, {@code jdk.httpserver.maxConnections}. */
    @Test
    void cutConnectionsAreForgotten() throws IOException, InterruptedException {
        try (TestServer server = new TestServer(settings -> { })) {
            for (int i = 1; i <= 110; i++) {
                try (Socket socket = server.connect()) {
                    socket.getOutputStream().write(head(100).getBytes(StandardCharsets.US_ASCII));
                    server.await(RECEIVING, 1);
                    socket.setSoLinger(true, 0);
                }
                server.await("aulos_connections_cut_total", i);
            }
            assertThat(server.post("/api/vocode", TestServer.mel(10)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void nobodyKeepsAPlaceForEver() throws IOException, InterruptedException {
        try (TestServer server = new TestServer(settings -> {
            settings.capacity = 2;
            settings.timeout = Duration.ofMillis(700);
            settings.maxSeconds = LONG_SECONDS;
            settings.maxBytes = 16 << 20;
        }); Socket sendsNoMore = server.connect(); Socket readsNoMore = listenToTheBeginning(server)) {
            sendsNoMore.getOutputStream().write(head(1000).getBytes(StandardCharsets.US_ASCII));
            server.await("aulos_connections_cut_total", 2);
            server.await(IN_FLIGHT, 0);
            server.await(UNREAD, 0);
            assertThat(sendsNoMore.getInputStream().read()).as("closed").isEqualTo(-1);
            assertThat(server.uploads()).isEmptyDirectory();
            assertThat(readsNoMore.isConnected()).isTrue();
        }
    }

    @Test
    void fiftyAtOnceGetTheirAudioOrAreToldToWait() throws Exception {
        byte[] mel = TestServer.mel(400);
        AtomicInteger served = new AtomicInteger();
        Set<Integer> statuses = ConcurrentHashMap.newKeySet();
        try (TestServer server = new TestServer(settings -> settings.capacity = 20);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            byte[] expected = server.expected(TestServer.melValues(400), Encoding.PCM16);
            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                results.add(clients.submit(() -> {
                    while (System.nanoTime() < end) {
                        HttpResponse<byte[]> response = server.post("/api/vocode", mel);
                        statuses.add(response.statusCode());
                        if (response.statusCode() == 200) {
                            served.incrementAndGet();
                            assertThat(Arrays.equals(response.body(), expected)).isTrue();
                        } else {
                            Thread.sleep(50);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
            server.await(IN_FLIGHT, 0);
            assertThat(server.uploads()).isEmptyDirectory();
            assertThat(server.log).isEmpty();
        }
        assertThat(statuses).isSubsetOf(200, 503).contains(200);
        assertThat(served.get()).isGreaterThan(20);
    }

    @Test
    void closingFinishesWhatIsBeingAnswered() throws Exception {
        byte[] mel = TestServer.mel(60 * TinyVoice.RATE / TinyVoice.HOP);
        TestServer server = new TestServer(settings -> settings.maxSeconds = 60);
        HttpResponse<InputStream> response = server.client.send(server.request("/api/vocode")
                .POST(BodyPublishers.ofByteArray(mel)).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body(); ExecutorService other = Executors.newSingleThreadExecutor()) {
            assertThat(body.readNBytes(44)).hasSize(44);
            Future<?> closing = other.submit(server::stop);
            assertThat(body.readAllBytes()).hasSize(60 * TinyVoice.RATE * 2);
            closing.get();
        }
        assertThatThrownBy(server::connect).isInstanceOf(ConnectException.class);
        server.close();
        assertThat(server.log).isEmpty();
    }

    @Test
    void manyVoicesTakeTurns() throws IOException, InterruptedException {
        Path checkpoint = TinyVoice.write(folder);
        for (int i = 2; i < 8; i++) {
            Files.copy(checkpoint, folder.resolve("g_0000000" + i));
        }
        Files.writeString(folder.resolve("do_00000001"), "discriminators");
        Files.write(folder.resolve("damaged.safetensors"),
                Arrays.copyOf(new byte[] {40, 0, 0, 0, 0, 0, 0, 0, '{'}, 100));
        try (TestServer server = new TestServer(settings -> settings.checkpoints = folder)) {
            assertThat(server.get("/api/info").body()).contains("\"voices\":[\"tiny\",\"damaged.safetensors\","
                    + "\"g_00000001\",\"g_00000002\",\"g_00000003\",\"g_00000004\",\"g_00000005\",\"g_00000006\","
                    + "\"g_00000007\"]");
            byte[] mel = TestServer.mel(100);
            Set<String> results = new HashSet<>();
            for (int round = 0; round < 2; round++) {
                for (int i = 1; i < 8; i++) {
                    HttpResponse<byte[]> response = server.post("/api/vocode?voice=g_0000000" + i, mel);
                    assertThat(response.statusCode()).isEqualTo(200);
                    results.add(Arrays.toString(response.body()));
                }
            }
            assertThat(results).as("they all are the same voice").hasSize(1);
            HttpResponse<byte[]> damaged = server.post("/api/vocode?voice=damaged.safetensors", mel);
            assertThat(damaged.statusCode()).isEqualTo(500);
            assertThat(new String(damaged.body(), StandardCharsets.UTF_8))
                    .contains("the voice damaged.safetensors cannot be loaded: ").doesNotContain(folder.toString());

            // Training replaces a checkpoint: the next request hears the new one.
            Map<String, NdArray> quiet = new LinkedHashMap<>(server.voice.weights());
            quiet.replaceAll((name, weight) -> NdArray.of(weight.shape(), new float[weight.shape().size()]));
            new Voice(server.voice.config(), quiet).save(folder.resolve("g_00000001"));
            byte[] silence = server.post("/api/vocode?voice=g_00000001", mel).body();
            assertThat(silence).hasSize(44 + 2 * 100 * TinyVoice.HOP);
            assertThat(Arrays.copyOfRange(silence, 44, silence.length)).containsOnly(0);
        }
    }
}

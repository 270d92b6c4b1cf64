// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavOutput;
import aulos.hifigan.cli.TinyVoice;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.WeightNorm;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.vocode.Vocoder;
import aulos.hifigan.vocode.Voice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** A server with a tiny voice, on a port of its own, and a client. */
final class TestServer implements AutoCloseable {
    /** What a test may want otherwise. */
    static final class Settings {
        Path checkpoints;
        int capacity = 32;
        int maxSeconds = 60;
        long maxBytes = 4 << 20;
        Duration timeout = Duration.ofSeconds(60);
        Set<String> hosts = Set.of();
        ServerOptions.Receiving receiving = ServerOptions.Receiving.usual(32, 32 << 20);
    }

    final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final Voice voice;
    /** What the server reported about itself. */
    final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final Server server;

    TestServer(Consumer<Settings> changes) throws IOException, InterruptedException {
        HifiGanConfig config = HifiGanConfig.parse(TinyVoice.CONFIG, "tiny");
        voice = new Voice(config, WeightNorm.fold(config, Fill.generator(config, "tiny/", 0.6)));
        Settings settings = new Settings();
        changes.accept(settings);
        server = Server.start(new ServerOptions(InetAddress.getLoopbackAddress(), 0, settings.hosts, "cpu",
                Precision.FLOAT32, settings.checkpoints, settings.capacity, settings.maxSeconds, settings.maxBytes,
                settings.timeout, settings.receiving), "tiny", voice, (message, error) -> log.add(message + ": " + error));
    }

    int port() {
        return server.address().getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url(path))).timeout(Duration.ofSeconds(60));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<byte[]> post(String path, byte[] body) throws IOException, InterruptedException {
        return client.send(request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    /** A connection of one's own, to send what no client would. */
    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** Sends text as it is, and returns all that comes back until the server closes. */
    String raw(String text) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Waits for a metric to have a value. */
    void await(String series, double value) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (metric(series) != value) {
            assertThat(System.nanoTime()).as(series + " is " + metric(series) + ", expected " + value)
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Until answers wait for readers that take nothing: their number stays, and nothing more is computed. */
    void awaitUnread(int answers) throws IOException, InterruptedException {
        double computed = -1;
        for (int still = 0; still < 25; still++) {
            await("aulos_requests_unread", answers);
            double now = metric("aulos_audio_seconds_total");
            if (now != computed || metric("aulos_requests_in_flight") != 0) {
                computed = now;
                still = 0;
            }
            Thread.sleep(20);
        }
    }

    Path uploads() {
        return server.folder();
    }

    /** A value of {@code /metrics}. */
    double metric(String series) throws IOException, InterruptedException {
        return get("/metrics").body().lines().filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1))).findFirst().orElse(0);
    }

    /** What the server should send for a mel spectrogram. */
    byte[] expected(NdArray mel, Encoding encoding) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Backend backend = Backends.open("cpu"); Vocoder vocoder = voice.open(backend)) {
            WavOutput wav = new WavOutput(bytes, TinyVoice.RATE, encoding, (long) mel.shape().dim(-1) * TinyVoice.HOP);
            vocoder.chunks(mel).forEachRemaining(chunk -> {
                try {
                    wav.write(chunk);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return bytes.toByteArray();
    }

    static NdArray melValues(int frames) {
        float[] values = new float[TinyVoice.MELS * frames];
        Random random = new Random(frames);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-8, 2);
        }
        return NdArray.of(Shape.of(TinyVoice.MELS, frames), values);
    }

    /** A .npy file. */
    static byte[] mel(int frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Npy.write(bytes, melValues(frames));
        return bytes.toByteArray();
    }

    /** Closes the server, while the client may still be reading. */
    void stop() {
        server.close();
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.cli.TinyVoice;
import aulos.hifigan.eval.Evaluation;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.vocode.Vocoder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiTest {
    private static final int MAX_SECONDS = 10;
    private static final int MAX_BYTES = 1 << 20;

    @TempDir
    static Path folder;

    private static TestServer server;
    private static byte[] tone;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Path checkpoints = Files.createDirectory(folder.resolve("checkpoints"));
        TinyVoice.write(checkpoints);
        server = new TestServer(settings -> {
            settings.maxSeconds = MAX_SECONDS;
            settings.maxBytes = MAX_BYTES;
            settings.checkpoints = checkpoints;
        });
        tone = Files.readAllBytes(TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 40_000));
    }

    @AfterAll
    static void stop() {
        server.close();
        assertThat(server.log).isEmpty();
    }

    private static NdArray melOf(Path audio) throws IOException {
        try (Backend backend = Backends.open("cpu");
                MelSpectrogram spectrogram = new MelSpectrogram(server.voice.config().mel(), backend)) {
            return spectrogram.ofClip(AudioFile.read(audio, TinyVoice.RATE).samples());
        }
    }

    private static byte[] npy(NdArray array) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Npy.write(bytes, array);
        return bytes.toByteArray();
    }

    /** An error's JSON, whose status has to be that of the answer. */
    private static String error(HttpResponse<byte[]> response, int status) {
        assertThat(response.statusCode()).as(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json; charset=utf-8");
        JsonObject body = JsonParser.parseString(new String(response.body(), StandardCharsets.UTF_8)).getAsJsonObject();
        assertThat(body.keySet()).containsExactly("status", "error");
        assertThat(body.get("status").getAsInt()).isEqualTo(status);
        return body.get("error").getAsString();
    }

    @Test
    void vocodesAudioBitForBit() throws IOException, InterruptedException {
        HttpResponse<byte[]> response = server.post("/api/vocode", tone);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("audio/wav");
        assertThat(response.body()).isEqualTo(server.expected(melOf(folder.resolve("tone.wav")), Encoding.PCM16));
    }

    @Test
    void vocodesMelsInEveryEncoding() throws IOException, InterruptedException {
        NdArray mel = TestServer.melValues(700);
        for (Encoding encoding : Encoding.values()) {
            String path = "/api/vocode?encoding=" + encoding.name().toLowerCase(Locale.ROOT) + "&device=cpu";
            assertThat(server.post(path, npy(mel)).body()).isEqualTo(server.expected(mel, encoding));
        }
        NdArray doubles = NdArray.of(Shape.of(1, TinyVoice.MELS, 700), mel.doubles());
        assertThat(server.post("/api/vocode", npy(doubles)).body()).isEqualTo(server.expected(mel, Encoding.PCM16));
    }

    private static NdArray array(byte[] bytes) throws IOException {
        return Npy.read(Files.write(folder.resolve("answer.npy"), bytes));
    }

    /** What the page shows as the mel error is what 'aulos eval' and 'aulos demo' say. */
    @Test
    void itsMelsGiveTheMelErrorOfEval() throws IOException, InterruptedException {
        byte[] clip = Files.readAllBytes(TinyVoice.tone(folder.resolve("odd.wav"), TinyVoice.RATE, 20_030));
        byte[] result = server.post("/api/vocode", clip).body();
        int samples = (result.length - 44) / 2;
        assertThat(samples).isEqualTo(20_030 / TinyVoice.HOP * TinyVoice.HOP);
        NdArray a = array(server.post("/api/mel?fmax=loss&samples=" + samples, clip).body());
        NdArray b = array(server.post("/api/mel?fmax=loss", result).body());
        double sum = 0;
        for (int i = 0; i < a.shape().size(); i++) {
            sum += Math.abs(a.get(i) - b.get(i));
        }
        try (Backend backend = Backends.open("cpu");
                Evaluation evaluation = new Evaluation(server.voice.config(), backend)) {
            double expected = evaluation.melError(AudioFile.read(folder.resolve("odd.wav"), TinyVoice.RATE).samples(),
                    AudioFile.read(Files.write(folder.resolve("result.wav"), result), TinyVoice.RATE).samples());
            assertThat(sum / a.shape().size()).isEqualTo(expected);
        }
        assertThat(error(server.post("/api/mel?fmax=8000", clip), 400)).isEqualTo("unknown fmax, expected loss");
        assertThat(error(server.post("/api/mel?samples=0", clip), 400)).startsWith("samples is no number");
    }

    @Test
    void notesMelsOfAnotherKind() throws IOException, InterruptedException {
        assertThat(server.post("/api/vocode", tone).headers().firstValue("X-Aulos-Note")).isEmpty();
        NdArray zeros = NdArray.of(Shape.of(TinyVoice.MELS, 40), new float[TinyVoice.MELS * 40]);
        HttpResponse<byte[]> response = server.post("/api/vocode", npy(zeros));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("X-Aulos-Note")).hasValueSatisfying(note ->
                assertThat(note).startsWith("mels from 0.00 to 0.00 can hardly be natural logarithms"));
    }

    @Test
    void aFormIsToldToSendTheFile() throws IOException, InterruptedException {
        String form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--x--\r\n";
        assertThat(error(server.post("/api/vocode", form.getBytes(StandardCharsets.UTF_8)), 415))
                .isEqualTo("the body is a form (multipart/form-data), expected the file itself as the body, as "
                        + "'curl --data-binary @speech.wav' sends it");
    }

    @Test
    void takesFlacOfAnotherRate() throws IOException, InterruptedException {
        byte[] flac = server.client.send(server.request("/example.flac").build(), BodyHandlers.ofByteArray()).body();
        Path file = Files.write(folder.resolve("example.flac"), flac);
        assertThat(server.post("/api/vocode", flac).body()).isEqualTo(server.expected(melOf(file), Encoding.PCM16));
    }

    @Test
    void sendsTheMel() throws IOException, InterruptedException {
        Path file = Files.write(folder.resolve("mel.npy"), server.post("/api/mel", tone).body());
        NdArray mel = Npy.read(file);
        NdArray expected = melOf(folder.resolve("tone.wav"));
        assertThat(mel.shape()).isEqualTo(expected.shape());
        assertThat(mel.floats()).isEqualTo(expected.floats());
    }

    @Test
    void saysWhatItCanDo() throws IOException, InterruptedException {
        JsonObject info = JsonParser.parseString(server.get("/api/info").body()).getAsJsonObject();
        // Behind the default one come others where the machine has them.
        assertThat(info.remove("devices").getAsJsonArray().get(0).getAsString()).isEqualTo("cpu");
        assertThat(info).isEqualTo(JsonParser.parseString("""
                {"voices": ["tiny", "g_00000001"], "max_seconds": 10, "max_bytes": 1048576}"""));
        assertThat(server.get("/healthz").body()).isEqualTo("{\"status\":\"ok\"}\n");
    }

    @Test
    void refusesWhatIsTooLarge() throws IOException, InterruptedException {
        byte[] large = new byte[MAX_BYTES + 1];
        assertThat(error(server.post("/api/vocode", large), 413)).contains("more than 1048576 bytes");
        HttpResponse<byte[]> unannounced = server.client.send(server.request("/api/vocode")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))).build(),
                BodyHandlers.ofByteArray());
        assertThat(error(unannounced, 413)).contains("more than 1048576 bytes");
    }

    @Test
    void refusesWhatIsTooLong() throws IOException, InterruptedException {
        Path file = folder.resolve("long.wav");
        TinyVoice.tone(file, TinyVoice.RATE, TinyVoice.RATE * MAX_SECONDS + 1);
        String expected = "the clip is longer than 10 s, the most that is taken";
        assertThat(error(server.post("/api/vocode", Files.readAllBytes(file)), 413)).isEqualTo(expected);
        int frames = TinyVoice.RATE * MAX_SECONDS / TinyVoice.HOP;
        assertThat(server.post("/api/vocode", TestServer.mel(frames)).statusCode()).isEqualTo(200);
        assertThat(error(server.post("/api/vocode", TestServer.mel(frames + 1)), 413)).isEqualTo(expected);
        assertThat(error(server.post("/api/vocode", TestServer.mel(frames + 8000)), 413)).isEqualTo(expected);
    }

    @Test
    void readsWhatIsWholeOfACutRecordingAndSaysSo() throws IOException, InterruptedException {
        assertThat(server.post("/api/mel", Arrays.copyOf(tone, 2000)).headers().firstValue("X-Aulos-Note"))
                .hasValueSatisfying(
                note -> assertThat(note).startsWith("is cut short: its 'data' chunk has 1956 of ").endsWith("978 samples"));
        assertThat(server.post("/api/mel", tone).headers().firstValue("X-Aulos-Note")).isEmpty();
    }

    @Test
    void refusesWhatIsDamaged() throws IOException, InterruptedException {
        assertThat(error(server.post("/api/vocode", new byte[0]), 400)).contains("the body is empty");
        assertThat(error(server.post("/api/vocode", "hello, world".getBytes(StandardCharsets.UTF_8)), 415))
                .isEqualTo("the body is neither WAV nor FLAC: it begins with 'hello, world'");
        assertThat(error(server.post("/api/vocode", Arrays.copyOf(tone, 30)), 400))
                .startsWith("the body file ends inside chunk 'fmt '").doesNotContain("/tmp");
        assertThat(error(server.post("/api/vocode", Arrays.copyOf(TestServer.mel(50), 300)), 400))
                .startsWith("the body holds");
        assertThat(error(server.post("/api/vocode", Files.readAllBytes(folder.resolve("checkpoints/g_00000001"))), 415))
                .contains("is a checkpoint");
        assertThat(error(server.post("/api/vocode", npy(NdArray.of(Shape.of(7, 9), new float[63]))), 400))
                .isEqualTo("the body cannot be vocoded: mel has shape [7,9], expected [12,frames] or [1,12,frames]");
        NdArray bad = TestServer.melValues(50);
        bad.floats()[70] = Float.NaN;
        assertThat(error(server.post("/api/vocode", npy(bad)), 400)).contains("mel is NaN at band 1, frame 20");
        byte[] brief = Files.readAllBytes(TinyVoice.tone(folder.resolve("brief.wav"), TinyVoice.RATE, 20));
        assertThat(error(server.post("/api/mel", brief), 400)).contains("a clip of 20 samples is too short");
        byte[] rate = tone.clone();
        Arrays.fill(rate, 24, 28, (byte) 0);
        rate[24] = 3;
        assertThat(error(server.post("/api/vocode", rate), 400))
                .contains("the body has a sampling rate of 3 Hz, expected 1000 to");
    }

    @Test
    void refusesParametersThatMakeNoSense() throws IOException, InterruptedException {
        assertThat(error(server.post("/api/vocode?encoding=mp3", tone), 400)).contains("expected pcm16, pcm24 or");
        assertThat(error(server.post("/api/vocode?colour=red", tone), 400)).contains("one of voice, device, encoding");
        assertThat(error(server.post("/api/mel?encoding=pcm16", tone), 400)).contains("one of voice, device");
        assertThat(error(server.post("/api/vocode?device=cpu&device=cpu", tone), 400)).contains("is there twice");
        assertThat(error(server.post("/api/vocode?device=opencl:99", tone), 404)).contains("expected one of cpu");
        assertThat(error(server.post("/api/vocode?device=reference", tone), 404)).contains("expected one of cpu");
        assertThat(server.get("/api/info?x").statusCode()).isEqualTo(400);
    }

    @Test
    void noNameLeadsOutOfTheFolder() throws IOException, InterruptedException {
        TinyVoice.write(folder);
        assertThat(server.post("/api/vocode?voice=g_00000001", tone).statusCode()).isEqualTo(200);
        for (String name : List.of("../g_00000001", "..%2fg_00000001", "checkpoints/../../g_00000001", "./g_00000001",
                folder.resolve("g_00000001").toString(), "config.json", "", ".", "g_00000001%00")) {
            assertThat(error(server.post("/api/vocode?voice=" + name, tone), 404)).contains("there is no such voice");
        }
    }

    @Test
    void pathsAndMethods() throws IOException, InterruptedException {
        assertThat(server.get("/").headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        for (String path : List.of("/style.css", "/app.js", "/sound.js", "/picture.js", "/icon.svg")) {
            assertThat(server.get(path).statusCode()).as(path).isEqualTo(200);
        }
        for (String path : List.of("/index.html", "/../pom.xml", "/%2e%2e/pom.xml", "/..%2f..%2fetc/passwd",
                "//etc/passwd", "/aulos/serve/index.html", "/style.css/../app.js", "/app.js%00.css", "/api", "/api/vocode/")) {
            assertThat(server.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).as(path)
                    .startsWith("HTTP/1.1 404 ").contains("\"error\":\"there is nothing at this path\"");
        }
        HttpResponse<String> get = server.get("/api/vocode");
        assertThat(get.statusCode()).isEqualTo(405);
        assertThat(get.headers().firstValue("Allow")).hasValue("POST");
        assertThat(server.post("/", tone).statusCode()).isEqualTo(405);
        HttpResponse<String> head = server.client.send(server.request("/").HEAD().build(), BodyHandlers.ofString());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void metricsAreInPrometheusFormat() throws IOException, InterruptedException {
        server.post("/api/vocode", tone);
        server.await("aulos_requests_in_flight", 0);
        HttpResponse<String> metrics = server.get("/metrics");
        assertThat(metrics.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body()).endsWith("\n");
        assertThat(metrics.body().lines()).allMatch(line -> line.matches("# (HELP|TYPE) aulos_\\w+ .+")
                || line.matches("aulos_\\w+(\\{\\w+=\"[^\"]+\"(,\\w+=\"[^\"]+\")*})? [0-9.]+"));
        assertThat(server.metric("aulos_request_seconds_count"))
                .isEqualTo(server.metric("aulos_request_seconds_bucket{le=\"+Inf\"}")).isPositive();
        assertThat(server.metric("aulos_audio_seconds_total")).isGreaterThan(2);
        assertThat(server.metric("aulos_compute_seconds_total")).isPositive();
        assertThat(server.metric("aulos_requests_capacity")).isEqualTo(32);
    }

    /** Nothing has been asked of it yet, and all that requests run has been run: audio to mel to audio, long and short. */
    @Test
    void itHasWarmedUpWhenItListens() throws IOException, InterruptedException {
        try (TestServer fresh = new TestServer(settings -> { })) {
            int frames = 4 * Vocoder.DEFAULT_CHUNK + 32;
            assertThat(fresh.metric("aulos_warm_up_audio_seconds"))
                    .isCloseTo((double) frames * TinyVoice.HOP / TinyVoice.RATE, within(1e-6));
            assertThat(fresh.metric("aulos_warm_up_seconds")).isPositive();
            assertThat(fresh.metric("aulos_audio_seconds_total")).isZero();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.hifigan.cli.TinyVoice;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the server's own files is not the client's fault, is logged, and passes with its cause. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultsTest {
    private static final String WITH_VOICE = "/api/vocode?voice=g_00000001";

    @TempDir
    Path folder;

    private Path voices;

    @BeforeEach
    void write() throws IOException {
        voices = Files.createDirectory(folder.resolve("voices"));
        TinyVoice.write(voices);
    }

    private TestServer server() throws IOException, InterruptedException {
        return new TestServer(settings -> settings.checkpoints = voices);
    }

    private static void assertAnswer(HttpResponse<byte[]> response, int status, String error) {
        assertThat(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"status\":" + status + ",\"error\":\"" + error + "\"}\n");
        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void aRemovedFolderOfUploadsIsReplaced() throws IOException, InterruptedException {
        try (TestServer server = server()) {
            Path removed = server.uploads();
            Files.delete(removed);
            assertThat(server.post("/api/vocode", TestServer.mel(10)).statusCode()).isEqualTo(200);
            assertThat(server.uploads()).isNotEqualTo(removed).isEmptyDirectory();
            assertThat(server.log).singleElement().asString().contains(removed + ", has gone");
            server.close();
            assertThat(server.uploads()).doesNotExist();
        }
    }

    @Test
    void aFullDiskIsTheServersFault() throws IOException {
        Path full = Path.of("/dev/full");
        if (!Files.exists(full)) {
            System.err.println("SKIPPED: this system has no " + full);
        }
        assumeTrue(Files.exists(full));
        try (OutputStream out = Files.newOutputStream(full)) {
            assertThatThrownBy(() -> Reception.store(out, new byte[10], 10)).isInstanceOf(ServerFault.class)
                    .hasMessage("the server cannot store uploads now").cause().hasMessageContaining("No space left");
        }
    }

    @Test
    void aLostUploadIsTheServersFault() throws IOException {
        Path file = Files.write(folder.resolve("upload"), new byte[] {1, 2, 3});
        Voice voice = Voice.load(voices.resolve("g_00000001"));
        Upload upload = new Upload(file, 3, () -> { });
        assertThatThrownBy(() -> Clip.read(upload, voice.config().mel(), 10)).isInstanceOf(Refusal.class)
                .hasMessageStartingWith("the body is neither");
        Files.delete(file);
        assertThatThrownBy(() -> Clip.read(upload, voice.config().mel(), 10)).isInstanceOf(ServerFault.class)
                .hasMessage("the server has lost the upload");
        Files.write(file, new byte[] {1});
        assertThatThrownBy(() -> Clip.read(upload, voice.config().mel(), 10)).isInstanceOf(ServerFault.class)
                .cause().hasMessageContaining("has 1 bytes, expected the 3 that were received");
    }

    @Test
    void aRemovedFolderOfVoices() throws IOException, InterruptedException {
        try (TestServer server = server()) {
            Path elsewhere = folder.resolve("elsewhere");
            Files.move(voices, elsewhere);
            assertAnswer(server.post(WITH_VOICE, TestServer.mel(10)), 500, "this voice cannot be read now");
            assertThat(server.log).singleElement().asString().startsWith("while answering /api/vocode: ")
                    .contains(voices.toString());
            assertThat(server.get("/api/info").body())
                    .startsWith("{\"fault\":\"the folder of voices cannot be read now\",\"voices\":[\"tiny\"],");
            assertThat(server.log).hasSize(2);
            assertThat(server.post("/api/vocode", TestServer.mel(10)).statusCode()).isEqualTo(200);
            assertThat(server.post("/api/vocode?voice=tiny", TestServer.mel(10)).statusCode()).isEqualTo(200);
            Files.move(elsewhere, voices);
            assertThat(server.post(WITH_VOICE, TestServer.mel(10)).statusCode()).isEqualTo(200);
            assertThat(server.get("/api/info").body()).startsWith("{\"voices\":[\"tiny\",\"g_00000001\"],");
            assertThat(server.log).hasSize(2);
        }
    }

    @Test
    void voicesThatVanishWhileTheyAreListed() throws Exception {
        byte[] checkpoint = Files.readAllBytes(voices.resolve("g_00000001"));
        AtomicBoolean stop = new AtomicBoolean();
        Thread other = Thread.ofPlatform().start(() -> {
            for (int i = 0; !stop.get(); i++) {
                try {
                    Files.write(voices.resolve("g_1000000" + i % 10), checkpoint);
                    Files.deleteIfExists(voices.resolve("g_1000000" + (i + 5) % 10));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        try (TestServer server = server()) {
            for (int i = 0; i < 200; i++) {
                HttpResponse<String> info = server.get("/api/info");
                assertThat(info.statusCode()).isEqualTo(200);
                assertThat(info.body()).contains("\"tiny\"", "\"g_00000001\"").doesNotContain("fault");
            }
        } finally {
            stop.set(true);
            other.join();
        }
    }

    @Test
    void aVoiceThatVanishedBeforeItWasLoaded() throws Exception {
        try (Voices found = new Voices("tiny", null, voices, Voice::load, (message, error) -> { })) {
            Voices.Entry entry = found.find("g_00000001");
            Path elsewhere = folder.resolve("elsewhere");
            Files.move(entry.file(), elsewhere);
            assertThatThrownBy(() -> found.load(entry)).isInstanceOf(ServerFault.class)
                    .hasMessage("the voice g_00000001 cannot be read now");
            Files.move(elsewhere, entry.file());
            assertThat(found.load(entry).config().mel().mels()).isEqualTo(TinyVoice.MELS);
        }
    }

    @Test
    void aVoiceThatMayNotBeRead() throws IOException, InterruptedException {
        Path file = voices.resolve("g_00000001");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        if (Files.isReadable(file)) {
            System.err.println("SKIPPED: root may read every voice");
        }
        assumeTrue(!Files.isReadable(file));
        try (TestServer server = server()) {
            assertThat(server.get("/api/info").body()).contains("\"voices\":[\"tiny\"]");
            assertAnswer(server.post(WITH_VOICE, TestServer.mel(10)), 500, "this voice cannot be read now");
            assertThat(server.log).hasSize(2);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertThat(server.post(WITH_VOICE, TestServer.mel(10)).statusCode()).isEqualTo(200);
        }
    }

    /** The client named a voice that was listed: what has become of its configuration is the server's fault. */
    @Test
    void aConfigurationThatGoesOrIsReplaced() throws IOException, InterruptedException {
        Path config = voices.resolve("config.json");
        Path elsewhere = folder.resolve("elsewhere.json");
        byte[] mel = TestServer.mel(10);
        try (TestServer server = server()) {
            Files.move(config, elsewhere);
            assertAnswer(server.post(WITH_VOICE, mel), 500, "the voice g_00000001 cannot be loaded: g_00000001: there is no "
                    + "config.json that says what generator it is; put it there, or name it with --config");
            Files.createDirectory(config);
            assertAnswer(server.post(WITH_VOICE, mel), 500,
                    "the voice g_00000001 cannot be loaded: config.json: not a regular file");
            assertThat(server.log).hasSize(2);
            Files.delete(config);
            Files.move(elsewhere, config);
            assertThat(server.post(WITH_VOICE, mel).statusCode()).isEqualTo(200);
            assertThat(server.post("/api/vocode?voice=other", mel).statusCode()).isEqualTo(404);
        }
    }

    /** Another checkpoint under the same name, as large and as old, is another voice. */
    @Test
    void aVoiceIsKnownByMoreThanNameAndTime() throws IOException, InterruptedException {
        Path file = voices.resolve("g_00000001");
        try (TestServer server = server()) {
            server.voice.save(file);
            FileTime time = Files.getLastModifiedTime(file);
            long size = Files.size(file);
            assertThat(server.post(WITH_VOICE, TestServer.mel(10)).statusCode()).isEqualTo(200);
            Map<String, NdArray> quiet = new LinkedHashMap<>(server.voice.weights());
            quiet.replaceAll((name, weight) -> weight.isDouble()
                    ? NdArray.of(weight.shape(), new double[weight.shape().size()])
                    : NdArray.of(weight.shape(), new float[weight.shape().size()]));
            Path other = folder.resolve("other");
            new Voice(server.voice.config(), quiet).save(other);
            Files.setLastModifiedTime(other, time);
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            assertThat(Files.size(file)).isEqualTo(size);
            assertThat(Files.getLastModifiedTime(file)).isEqualTo(time);
            byte[] silence = server.post(WITH_VOICE, TestServer.mel(10)).body();
            assertThat(Arrays.copyOfRange(silence, 44, silence.length)).containsOnly(0);
        }
    }

    /** Not by name, not by a link, and not by a link to a configuration. */
    @Test
    void linksOutOfTheFolderAreRefused() throws IOException, InterruptedException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        TinyVoice.write(outside);
        Files.createSymbolicLink(voices.resolve("g_00000002"), outside.resolve("g_00000001"));
        Files.createSymbolicLink(voices.resolve("g_00000003"), Path.of("g_00000001"));
        Files.createSymbolicLink(voices.resolve("g_00000004"), Path.of("../outside/g_00000001"));
        try (TestServer server = server()) {
            assertThat(server.get("/api/info").body()).contains("\"voices\":[\"tiny\",\"g_00000001\",\"g_00000003\"]");
            assertThat(server.log).hasSize(2).allMatch(line -> line.contains(" is no voice here: it leads out of "));
            byte[] mel = TestServer.mel(10);
            for (String name : List.of("g_00000002", "g_00000004")) {
                assertAnswer(server.post("/api/vocode?voice=" + name, mel), 404,
                        "there is no such voice, /api/info lists those there are");
            }
            assertThat(server.post("/api/vocode?voice=g_00000003", mel).statusCode()).isEqualTo(200);
            Files.delete(voices.resolve("config.json"));
            Files.createSymbolicLink(voices.resolve("config.json"), outside.resolve("config.json"));
            assertAnswer(server.post(WITH_VOICE, mel), 500,
                    "the voice g_00000001 cannot be loaded: config.json: leads out of the folder");
        }
    }

    /** A folder given by a link is where it leads. */
    @Test
    void theFolderItselfMayBeALink() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), voices);
        try (TestServer server = new TestServer(settings -> settings.checkpoints = link)) {
            assertThat(server.post(WITH_VOICE, TestServer.mel(10)).statusCode()).isEqualTo(200);
        }
    }

    /** While a voice is loaded, the device works for others; and who waits for it, waits no longer than his time. */
    @Test
    void voicesAreLoadedOffTheDevicesThread() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<String> log = Collections.synchronizedList(new ArrayList<>());
        Voices.Loader slow = file -> {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return Voice.load(file);
        };
        try (Voices found = new Voices("tiny", null, voices, slow, (message, error) -> log.add(message));
                Device device = new Device("cpu", Precision.FLOAT32)) {
            Voices.Entry entry = found.find("g_00000001");
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread waits = Thread.ofVirtual().start(() -> {
                try (Device.Lease lease = device.lease(found, entry)) {
                    lease.open();
                } catch (IOException | InterruptedException | Refusal e) {
                    thrown.set(e);
                }
            });
            begun.await();
            assertThat(device.call(() -> "works")).isEqualTo("works");
            waits.interrupt(); // as the alarm does when the time is up
            waits.join();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            goOn.countDown();
            try (Device.Lease lease = device.lease(found, entry)) {
                assertThat(lease.open().config.mel().mels()).isEqualTo(TinyVoice.MELS);
            }
            assertThat(log).isEmpty();
        }
    }
}

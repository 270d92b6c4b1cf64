// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServeCommandTest {
    private static final int TERMINATED = 143;

    @TempDir
    Path folder;

    private Cli fails(String... more) throws IOException {
        String[] args = new String[more.length + 5];
        System.arraycopy(new String[] {"serve", "--port", "0", "--checkpoint", TinyVoice.write(folder).toString()}, 0,
                args, 0, 5);
        System.arraycopy(more, 0, args, 5, more.length);
        return Cli.run(args);
    }

    @Test
    void servesUntilItIsTerminated() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m", "-Djava.io.tmpdir=" + temporary, "-XX:TieredStopAtLevel=1", "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Aulos.class.getName(), "serve", "--port", "0", "--checkpoint", TinyVoice.write(folder).toString())
                .redirectError(err.toFile()).start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            String url = out.readLine();
            assertThat(url).matches("http://127\\.0\\.0\\.1:\\d+/");
            assertThat(temporary).isNotEmptyDirectory();
            assertThat(client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString()).body())
                    .contains("<title>Aulos");
            Path tone = TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 16_000);
            HttpResponse<byte[]> answer = client.send(HttpRequest.newBuilder(URI.create(url + "api/vocode"))
                    .POST(HttpRequest.BodyPublishers.ofFile(tone)).build(), BodyHandlers.ofByteArray());
            assertThat(answer.body()).hasSize(44 + 2 * 16_000);
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).isEqualTo(TERMINATED);
        assertThat(Files.readString(err)).contains("listening").endsWith("aulos: stopping\n");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Cli serve = Cli.run("serve", "--checkpoint", TinyVoice.write(folder).toString(), "--port",
                    Integer.toString(taken.getLocalPort()));
            assertThat(serve.exitCode()).isEqualTo(1);
            assertThat(serve.errors()).singleElement().asString().contains("127.0.0.1 port " + taken.getLocalPort(),
                    "(choose another with --port)");
        }
    }

    @Test
    void whatCannotBeServedIsSaid() throws IOException {
        assertThat(fails("--device", "abacus").errors()).singleElement().asString()
                .startsWith("aulos: device abacus is not known");
        assertThat(fails("--device", "cpu:7").errors()).singleElement().asString().contains("cpu has 1 device");
        assertThat(fails("--precision", "bf16").errors()).singleElement().asString()
                .contains("cpu computes in its own precision only");
        Path absent = folder.resolve("absent");
        assertThat(fails("--checkpoints", absent.toString()).errors())
                .containsExactly("aulos: " + absent + ": is not a folder");
        assertThat(fails("--queue", "0").errors()).singleElement().asString()
                .startsWith("aulos: server: capacity is 0, expected 1 to 10000");
        assertThat(fails("--host", "no.such.host.invalid").errors()).singleElement().asString()
                .startsWith("aulos: --host no.such.host.invalid is no address of this machine");
        assertThat(fails("--queue", "0").exitCode()).isEqualTo(2);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Other web sites stay out. */
class GateTest {
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = new TestServer(settings -> settings.hosts = Set.of("Voice.Example"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String get(String headers) throws IOException {
        return server.raw("GET /healthz HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
    }

    private static String mel(String host, String origin) throws IOException {
        return server.raw("POST /api/mel HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin
                + "\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd");
    }

    @Test
    void knowsItsNames() throws IOException {
        for (String host : List.of("localhost", "LOCALHOST:8080", "127.0.0.1:" + server.port(), "[::1]:80", "10.1.2.3",
                "voice.example", "VOICE.example:443")) {
            assertThat(get("Host: " + host + "\r\n")).as(host).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void isNotReachedUnderOthers() throws IOException {
        for (String host : List.of("evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                "xvoice.example")) {
            assertThat(get("Host: " + host + "\r\n")).as(host).startsWith("HTTP/1.1 421 ");
        }
        for (String headers : List.of("", "Host: \r\n", "Host: a b\r\n", "Host: localhost@evil\r\n",
                "Host: localhost\r\nHost: evil.example\r\n")) {
            assertThat(get(headers)).as(headers).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void takesNoRequestsFromOtherPages() throws IOException {
        String own = "127.0.0.1:" + server.port();
        for (String origin : List.of("http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1", "file://",
                own, "http://" + own + "/", "http://" + own + "\r\nOrigin: http://evil.example")) {
            assertThat(mel(own, origin)).as(origin).startsWith("HTTP/1.1 403 ");
        }
        assertThat(mel(own, "http://" + own)).startsWith("HTTP/1.1 415 ");
        assertThat(mel("voice.example", "https://voice.example")).as("behind a proxy").startsWith("HTTP/1.1 415 ");
    }

    @Test
    void givesNobodyElseLeaveToRead() throws IOException {
        String preflight = server.raw("OPTIONS /api/vocode HTTP/1.1\r\nHost: localhost\r\n"
                + "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");
        assertThat(preflight).startsWith("HTTP/1.1 403 ");
        assertThat(preflight.toLowerCase(Locale.ROOT)).doesNotContain("access-control");
        String read = get("Host: localhost\r\nOrigin: http://localhost\r\n");
        assertThat(read).startsWith("HTTP/1.1 200 ");
        assertThat(read.toLowerCase(Locale.ROOT)).doesNotContain("access-control");
    }

    @Test
    void everyAnswerIsProtected() throws IOException, InterruptedException {
        for (String path : List.of("/", "/app.js", "/api/info", "/nothing", "/metrics")) {
            HttpResponse<String> response = server.get(path);
            assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'; ").doesNotContain("unsafe").doesNotContain("http");
            assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(response.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        }
        assertThat(server.get("/").body()).as("the page's own files only")
                .doesNotContainPattern("(src|href)=\"(https?:)?//");
    }
}

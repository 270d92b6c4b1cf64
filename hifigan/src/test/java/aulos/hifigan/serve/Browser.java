// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven over the Chrome DevTools Protocol. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonObject>> pending = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();

    /** The program, if there is one on the PATH. */
    static Optional<Path> find() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(Path.of(folder)::resolve))
                .filter(Files::isExecutable).findFirst();
    }

    /** @param profile an empty folder */
    Browser(Path program, Path profile) throws IOException, InterruptedException {
        process = new ProcessBuilder(program.toString(), "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--no-first-run", "--mute-audio", "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream", "--remote-debugging-port=0", "--user-data-dir=" + profile,
                "about:blank").redirectErrorStream(true).redirectOutput(profile.resolve("output.txt").toFile()).start();
        Path portFile = profile.resolve("DevToolsActivePort");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(portFile) || Files.readAllLines(portFile).size() < 2) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("Chromium did not start: " + Files.readString(profile.resolve("output.txt")));
            }
            Thread.sleep(50);
        }
        String list = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                + Files.readAllLines(portFile).getFirst() + "/json/list")).build(),
                HttpResponse.BodyHandlers.ofString()).body();
        String page = JsonParser.parseString(list).getAsJsonArray().asList().stream().map(JsonElement::getAsJsonObject)
                .filter(target -> target.get("type").getAsString().equals("page")).findFirst().orElseThrow()
                .get("webSocketDebuggerUrl").getAsString();
        socket = client.newWebSocketBuilder().buildAsync(URI.create(page), new Listener()).join();
        for (String domain : List.of("Page", "Runtime", "Log", "DOM")) {
            call(domain + ".enable", "{}");
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                receive(JsonParser.parseString(message.toString()).getAsJsonObject());
                message.setLength(0);
            }
            return WebSocket.Listener.super.onText(webSocket, data, last);
        }
    }

    private void receive(JsonObject message) {
        if (message.has("id")) {
            pending.remove(message.get("id").getAsInt()).complete(message);
            return;
        }
        JsonObject params = message.getAsJsonObject("params");
        switch (message.get("method").getAsString()) {
            case "Runtime.exceptionThrown" -> problems.add(params.toString());
            case "Log.entryAdded" -> {
                // Violations of the content security policy come here too.
                JsonObject entry = params.getAsJsonObject("entry");
                if (entry.get("level").getAsString().equals("error")) {
                    problems.add(entry.toString());
                }
            }
            default -> { }
        }
    }

    JsonObject call(String method, String params) throws IOException, InterruptedException {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        pending.put(id, answer);
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}", true).join();
        try {
            JsonObject message = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (message.has("error")) {
                throw new IOException(method + ": " + message.get("error"));
            }
            return message.getAsJsonObject("result");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(method + ": no answer from Chromium", e);
        }
    }

    void open(String url) throws IOException, InterruptedException {
        JsonObject params = new JsonObject();
        params.addProperty("url", url);
        call("Page.navigate", params.toString());
        waitFor("document.readyState === 'complete' && location.href === '" + url + "'");
        problems.clear();
    }

    /** The value of an expression, or of what it promises. */
    JsonElement evaluate(String expression) throws IOException, InterruptedException {
        JsonObject params = new JsonObject();
        params.addProperty("expression", expression);
        params.addProperty("awaitPromise", true);
        params.addProperty("returnByValue", true);
        // As if a person had just clicked: without that, nothing may sound.
        params.addProperty("userGesture", true);
        JsonObject result = call("Runtime.evaluate", params.toString());
        if (result.has("exceptionDetails")) {
            throw new IOException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.getAsJsonObject("result").get("value");
    }

    String text(String expression) throws IOException, InterruptedException {
        return evaluate(expression).getAsString();
    }

    double number(String expression) throws IOException, InterruptedException {
        return evaluate(expression).getAsDouble();
    }

    boolean is(String expression) throws IOException, InterruptedException {
        return evaluate("!!(" + expression + ")").getAsBoolean();
    }

    void waitFor(String condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!is(condition)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("did not come true within " + PATIENCE + ": " + condition + ", problems "
                        + problems + ", page says: " + text("document.body.innerText"));
            }
            Thread.sleep(30);
        }
    }

    /** Chooses a file in a file field, as its dialog does. */
    void choose(String selector, Path file) throws IOException, InterruptedException {
        int root = call("DOM.getDocument", "{}").getAsJsonObject("root").get("nodeId").getAsInt();
        JsonObject query = new JsonObject();
        query.addProperty("nodeId", root);
        query.addProperty("selector", selector);
        JsonObject params = new JsonObject();
        params.addProperty("nodeId", call("DOM.querySelector", query.toString()).get("nodeId").getAsInt());
        JsonArray files = new JsonArray();
        files.add(file.toAbsolutePath().toString());
        params.add("files", files);
        call("DOM.setFileInputFiles", params.toString());
    }

    /** Moves the mouse to an element's middle and clicks. */
    void click(String selector) throws IOException, InterruptedException {
        String element = "document.querySelector('" + selector + "')";
        evaluate(element + ".scrollIntoView({block: 'center', behavior: 'instant'})");
        String box = element + ".getBoundingClientRect()";
        double x = number("(b => b.x + b.width / 2)(" + box + ")");
        double y = number("(b => b.y + b.height / 2)(" + box + ")");
        for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
            JsonObject params = new JsonObject();
            params.addProperty("type", type);
            params.addProperty("x", x);
            params.addProperty("y", y);
            params.addProperty("button", type.equals("mouseMoved") ? "none" : "left");
            params.addProperty("clickCount", type.equals("mouseMoved") ? 0 : 1);
            call("Input.dispatchMouseEvent", params.toString());
        }
    }

    void downloadTo(Path folder) throws IOException, InterruptedException {
        JsonObject params = new JsonObject();
        params.addProperty("behavior", "allow");
        params.addProperty("downloadPath", folder.toAbsolutePath().toString());
        call("Browser.setDownloadBehavior", params.toString());
    }

    void resize(int width, int height, boolean dark) throws IOException, InterruptedException {
        call("Emulation.setDeviceMetricsOverride", "{\"width\":" + width + ",\"height\":" + height
                + ",\"deviceScaleFactor\":1,\"mobile\":false}");
        call("Emulation.setEmulatedMedia", "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\""
                + (dark ? "dark" : "light") + "\"}]}");
    }

    /** The whole page as a PNG file. */
    void screenshot(Path file) throws IOException, InterruptedException {
        String data = call("Page.captureScreenshot", "{\"format\":\"png\",\"captureBeyondViewport\":true}").get("data")
                .getAsString();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    /** Exceptions, blocked resources and other errors since the page was opened. */
    List<String> problems() {
        return problems;
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        try {
            call("Browser.close", "{}");
        } catch (IOException e) {
            process.destroy();
        }
        socket.abort();
        client.shutdownNow();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle child : children) {
            child.onExit().join();
        }
    }
}

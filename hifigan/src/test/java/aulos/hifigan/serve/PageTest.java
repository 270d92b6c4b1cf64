// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.cli.TinyVoice;
import aulos.hifigan.eval.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person uses it, in a browser. */
class PageTest {
    @TempDir
    static Path folder;

    private static Browser browser;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<Path> program = Browser.find();
        if (program.isEmpty()) {
            System.err.println("SKIPPED: the web page, there is no Chromium (Debian: apt install chromium)");
        }
        assumeTrue(program.isPresent());
        Path checkpoints = Files.createDirectory(folder.resolve("checkpoints"));
        TinyVoice.write(checkpoints);
        server = new TestServer(settings -> {
            settings.checkpoints = checkpoints;
            settings.maxSeconds = 10;
        });
        browser = new Browser(program.get(), Files.createDirectory(folder.resolve("profile")));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (browser != null) {
            browser.close();
            server.close();
        }
    }

    @BeforeEach
    void open() throws IOException, InterruptedException {
        browser.resize(1280, 900, false);
        browser.open(server.url("/"));
        browser.waitFor("document.body.dataset.state === 'idle'");
    }

    @AfterEach
    void nothingWasBlockedOrBroken() {
        assertThat(browser.problems()).isEmpty();
    }

    private static Path tone(int samples) throws IOException {
        return TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, samples);
    }

    private static void waitUntilDone() throws IOException, InterruptedException {
        browser.waitFor("['done', 'error'].includes(document.body.dataset.state)");
        assertThat(browser.text("document.body.dataset.state")).as(browser.text("document.body.innerText"))
                .isEqualTo("done");
    }

    /** Waits until the element knows, and returns how long its sound is. */
    private static double seconds(String audio) throws IOException, InterruptedException {
        browser.waitFor("document.getElementById('" + audio + "').readyState >= 1");
        return browser.number("document.getElementById('" + audio + "').duration");
    }

    private static double colours(String canvas) throws IOException, InterruptedException {
        return browser.number("""
                (canvas => new Set(new Uint32Array(canvas.getContext('2d')
                    .getImageData(0, 0, canvas.width, canvas.height - 22).data.buffer)).size)
                (document.getElementById('%s'))""".formatted(canvas));
    }

    private static void assertBothAreThere(double seconds) throws IOException, InterruptedException {
        assertThat(seconds("original-audio")).isBetween(seconds - 0.01, seconds + 0.01);
        assertThat(seconds("result-audio")).isBetween(seconds - 0.1, seconds + 0.1);
        for (String canvas : new String[] {"original-mel", "result-mel", "difference"}) {
            assertThat(colours(canvas)).as("colours of " + canvas).isGreaterThan(30);
        }
        assertThat(browser.text("document.getElementById('facts').innerText"))
                .containsPattern("Mel error \\d+\\.\\d{3} ");
        assertThat(browser.is("document.getElementById('error').hidden")).isTrue();
    }

    @Test
    void vocodesAChosenFile() throws IOException, InterruptedException {
        browser.choose("#file", tone(32_000));
        waitUntilDone();
        assertBothAreThere(2);
        Path saved = folder.resolve("tone_generated.wav");
        browser.downloadTo(folder);
        browser.click("#save");
        for (int i = 0; i < 200 && !Files.exists(saved); i++) {
            Thread.sleep(50);
        }
        assertThat(AudioFile.read(saved, TinyVoice.RATE).samples()).hasSize(32_000);
    }

    @Test
    void vocodesTheExample() throws IOException, InterruptedException {
        browser.click("#example");
        waitUntilDone();
        assertBothAreThere(4.4);
        browser.downloadTo(folder);
        String name = browser.text("document.getElementById('save').download");
        browser.click("#save");
        Path saved = folder.resolve(name);
        for (int i = 0; i < 200 && !Files.exists(saved); i++) {
            Thread.sleep(50);
        }
        try (Backend backend = Backends.open("cpu");
                Evaluation evaluation = new Evaluation(server.voice.config(), backend)) {
            double error = evaluation.melError(
                    AudioFile.read(Path.of("src/main/resources/aulos/demo/clip.flac"), TinyVoice.RATE).samples(),
                    AudioFile.read(saved, TinyVoice.RATE).samples());
            assertThat(browser.text("document.getElementById('facts').innerText"))
                    .contains(String.format(Locale.ROOT, "Mel error %.3f ", error));
        }
    }

    @Test
    void playsAndSwitchesBetweenTheTwo() throws IOException, InterruptedException {
        browser.choose("#file", tone(64_000));
        waitUntilDone();
        browser.click("#switch");
        browser.waitFor("document.getElementById('result-audio').currentTime > 0.1");
        browser.click("#switch");
        browser.waitFor("document.getElementById('original-audio').currentTime > 0.1");
        assertThat(browser.is("document.getElementById('result-audio').paused")).isTrue();
        browser.waitFor("document.querySelector('#original-mel + .playhead').offsetLeft > 0");
    }

    @Test
    void recordsFromTheMicrophone() throws IOException, InterruptedException {
        browser.click("#record");
        browser.waitFor("document.getElementById('record').textContent === 'Stop'");
        Thread.sleep(1500);
        browser.click("#record");
        waitUntilDone();
        assertThat(seconds("result-audio")).isBetween(0.5, 9.0);
        assertThat(colours("original-mel")).isGreaterThan(30);
        assertThat(browser.text("document.getElementById('record').textContent")).isEqualTo("Record");
    }

    @Test
    void takesADroppedMel() throws IOException, InterruptedException {
        String mel = Base64.getEncoder().encodeToString(TestServer.mel(100));
        browser.evaluate("""
                (() => {
                    const data = new DataTransfer();
                    data.items.add(new File([Uint8Array.from(atob('%s'), c => c.charCodeAt(0))], 'x.npy'));
                    document.getElementById('drop').dispatchEvent(
                        new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
                })()""".formatted(mel));
        waitUntilDone();
        assertThat(browser.is("document.getElementById('original-audio').hidden")).isTrue();
        assertThat(seconds("result-audio")).isEqualTo(100.0 * TinyVoice.HOP / TinyVoice.RATE);
        assertThat(colours("original-mel")).isGreaterThan(30);
    }

    @Test
    void saysWhatIsWrongAndGoesOn() throws IOException, InterruptedException {
        Path text = Files.writeString(folder.resolve("text.wav"), "This is not audio.");
        browser.choose("#file", text);
        browser.waitFor("document.body.dataset.state === 'error'");
        assertThat(browser.text("document.getElementById('error').innerText"))
                .isEqualTo("This browser cannot decode that file. WAV and FLAC always work.");
        browser.choose("#file", tone(12 * TinyVoice.RATE));
        browser.waitFor("document.getElementById('error').innerText.includes('longer')");
        assertThat(browser.text("document.getElementById('error').innerText"))
                .isEqualTo("The server says: the clip is longer than 10 s, the most that is taken.");
        browser.choose("#file", tone(16_000));
        waitUntilDone();
        assertBothAreThere(1);
        // The browser itself reports the status 413 of both requests, the second one late.
        browser.problems().removeIf(problem -> problem.contains("status of 413"));
    }

    @Test
    void offersTheVoicesOfTheFolder() throws IOException, InterruptedException {
        assertThat(browser.text("[...document.getElementById('voice').options].map(o => o.value).join()"))
                .isEqualTo("tiny,g_00000001");
        assertThat(browser.text("document.getElementById('device').value")).isEqualTo("cpu");
        browser.choose("#file", tone(16_000));
        waitUntilDone();
        browser.evaluate("""
                (select => {
                    select.value = 'g_00000001';
                    select.dispatchEvent(new Event('change'));
                })(document.getElementById('voice'))""");
        waitUntilDone();
        assertBothAreThere(1);
        assertThat(server.get("/metrics").body()).contains("aulos_requests_total{path=\"/api/vocode\",status=\"200\"}");
    }

    @Test
    void fitsNarrowAndWideScreensInLightAndDark() throws IOException, InterruptedException {
        browser.choose("#file", tone(16_000));
        waitUntilDone();
        String lightPage = browser.text("getComputedStyle(document.body).backgroundColor");
        for (int width : new int[] {320, 720, 1280, 2400}) {
            browser.resize(width, 900, true);
            browser.waitFor("innerWidth === " + width);
            assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
            browser.waitFor("document.getElementById('difference').width === "
                    + "document.getElementById('difference').clientWidth");
            assertThat(colours("result-mel")).as("at " + width).isGreaterThan(30);
        }
        assertThat(browser.text("getComputedStyle(document.body).backgroundColor")).isNotEqualTo(lightPage);
        boolean besides = browser.is("document.getElementById('result-mel').getBoundingClientRect().top"
                + " === document.getElementById('original-mel').getBoundingClientRect().top");
        assertThat(besides).isTrue();
    }

    @Test
    void everyControlHasAName() throws IOException, InterruptedException {
        assertThat(browser.text("""
                [...document.querySelectorAll('button, select, input, audio, canvas, a')].filter(e => !(
                    e.innerText?.trim() || e.ariaLabel || e.labels?.length)).map(e => e.outerHTML).join()""")).isEmpty();
        assertThat(browser.text("document.documentElement.lang")).isEqualTo("en");
    }
}

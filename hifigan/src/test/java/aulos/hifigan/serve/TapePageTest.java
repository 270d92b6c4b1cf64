// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.ConvSpec;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.study.TapePage;
import aulos.hifigan.cli.lab.LabCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The page of a tape in a browser: a graph of scalars, and one of 5,000 nodes. */
class TapePageTest {
    @TempDir
    Path folder;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final SplittableRandom random = new SplittableRandom(4);

    /** A chain of five stages of ten blocks with ten layers of ten ops. */
    private Path large() throws IOException {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            TapePage page = TapePage.record(tape);
            List<Tensor> weights = new ArrayList<>();
            Tensor x = tensor("x", 1, 2, 8);
            for (int i = 0; i < 500; i++) {
                int layer = i;
                Tensor in = x;
                Tensor weight = tensor("w" + i, 2, 2, 3);
                weights.add(weight);
                x = Tape.labelled("net.stages." + layer / 100 + ".blocks." + layer / 10 % 10, () -> in.leakyRelu(0.1)
                        .conv1d(weight, ConvSpec.same(3, 1)).mul(0.3).tanh().add(0.01).add(in.abs().mul(0.1)).mul(0.9).add(in));
            }
            tape.gradients(x.square().mean(), weights);
            Path file = folder.resolve("large.html");
            page.write(file);
            assertThat(tape.nodes()).hasSize(5004);
            return file;
        }
    }

    private Tensor tensor(String name, int... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.of(backend, NdArray.of(shape, random.doubles(shape.size(), -0.5, 0.5).toArray())).named(name);
    }

    /** o = tanh(x·w + b), all scalars. */
    private Path scalars() throws IOException {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            TapePage page = TapePage.record(tape);
            Tensor x = Tensor.of(backend, Shape.SCALAR, 2).named("x");
            Tensor w = Tensor.of(backend, Shape.SCALAR, -3).named("w");
            Tensor b = Tensor.of(backend, Shape.SCALAR, 7).named("b");
            tape.gradients(x.mul(w).add(b).mul(4), List.of(x, w, b));
            Path file = folder.resolve("scalars.html");
            page.write(file);
            return file;
        }
    }

    private static String url(Path file) {
        return "file://" + file;
    }

    @Test
    void showsFoldsAndSteps() throws IOException, InterruptedException {
        Optional<Path> program = Browser.find();
        if (program.isEmpty()) {
            System.err.println("SKIPPED: the page of a tape, there is no Chromium (Debian: apt install chromium)");
        }
        assumeTrue(program.isPresent());
        try (Browser browser = new Browser(program.get(), Files.createDirectory(folder.resolve("profile")))) {
            browser.resize(1500, 900, false);
            browser.open(url(scalars()));
            String picture = browser.text("document.getElementById('graph').textContent");
            assertThat(picture).contains("value -6", "grad 4", "grad -12", "grad 8", "%2 affine");
            browser.evaluate("go(0)");
            assertThat(browser.text("document.getElementById('now').textContent")).startsWith("forwards 1 of 3: %0 mul");
            assertThat(browser.text("document.getElementById('details').innerText")).containsPattern("(?i)held in memory by")
                    .contains("nobody: no product reads it");
            browser.click("#next");
            browser.click("#next");
            browser.click("#next");
            assertThat(browser.text("document.getElementById('now').textContent"))
                    .startsWith("backwards 1 of 5: through %2 affine to %1 add");
            browser.evaluate("choose(leaves[0])");
            assertThat(browser.text("document.getElementById('holders').innerText"))
                    .isEqualTo("%0 mul keeps its input 0: a product of it reads that");
            assertThat(browser.problems()).isEmpty();

            Path large = large();
            assertThat(Files.size(large)).isLessThan(2_000_000);
            double loading = loaded(browser, large);
            assertThat(browser.number("document.querySelectorAll('.node').length")).isLessThan(60);
            browser.click(".node.group");
            assertThat(browser.text("document.getElementById('path').innerText")).contains("net");
            browser.evaluate("go(2500)");
            assertThat(browser.text("document.getElementById('path').innerText")).contains("stages").contains("blocks");
            assertThat(browser.number("document.querySelectorAll('.node.now').length")).isEqualTo(1);
            double milliseconds = browser.number("(() => { const t = performance.now(); for (let i = 0; i < 50; i++) "
                    + "go(i * 200); return (performance.now() - t) / 50; })()");
            System.out.println("a page of 5,004 ops: " + Files.size(large) + " bytes, " + loading + " ms to load, "
                    + milliseconds + " ms for a step");
            assertThat(browser.problems()).isEmpty();
        }
    }

    /** Milliseconds until the page has drawn its first picture. */
    private static double loaded(Browser browser, Path page) throws IOException, InterruptedException {
        browser.open(url(page));
        return browser.number("performance.getEntriesByType('navigation')[0].domComplete");
    }

    @Test
    void showsATrainingStep() throws IOException, InterruptedException {
        Optional<Path> program = Browser.find();
        assumeTrue(program.isPresent());
        Path file = folder.resolve("step.html");
        StringWriter said = new StringWriter();
        int exitCode = new CommandLine(new LabCommand()).setOut(new PrintWriter(said)).execute(
                "page", "--model", "V2", "--out", file.toString());
        assertThat(exitCode).isZero();
        assertThat(said.toString()).contains("704 ops");
        try (Browser browser = new Browser(program.get(), Files.createDirectory(folder.resolve("profile")))) {
            browser.resize(1500, 900, false);
            double loading = loaded(browser, file);
            assertThat(browser.text("document.getElementById('graph').textContent"))
                    .contains("generator", "mpd", "msd", "losses");
            // Wherever the walk is, its op is on the screen, in a picture of few boxes, which hold their texts.
            String unseen = browser.text("(() => { const bad = []; for (let i = 0; i < total; i += 37) { go(i);"
                    + "const box = document.querySelector('.node.now rect, .node.nowback rect').getBoundingClientRect();"
                    + "const stage = document.getElementById('stage').getBoundingClientRect();"
                    + "const inside = box.left >= stage.left && box.right <= stage.right && box.top >= stage.top"
                    + " && box.bottom <= stage.bottom;"
                    + "const wide = [...document.querySelectorAll('.node')].some(g => [...g.querySelectorAll('text')]"
                    + ".some(t => t.getBBox().x + t.getBBox().width > 190));"
                    + "if (!inside || wide || shown.boxes.length > 80) bad.push(i + ' ' + here.name + ' ' + shown.boxes.length); }"
                    + "return bad.join(', '); })()");
            assertThat(unseen).isEmpty();
            System.out.println("a page of 704 ops: " + Files.size(file) + " bytes, " + loading + " ms to load");
            assertThat(browser.problems()).isEmpty();
        }
    }
}

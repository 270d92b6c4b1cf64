// SPDX-License-Identifier: Apache-2.0
package aulos.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.study.TapePage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the page; how it looks and works is tested in a browser, in the vocoder's tests. */
class TapePageTest {
    @TempDir
    Path folder;

    private final ReferenceBackend backend = new ReferenceBackend();

    private String pageOf(String label) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            TapePage page = TapePage.record(tape);
            Tensor x = Tensor.of(backend, Shape.of(4), -1, 0, 1, Double.NaN).named(label);
            Tensor y = Tape.labelled(label, () -> x.mul(3).tanh()).slice(0, 0, 3).sum();
            tape.gradients(y, List.of(x));
            return page.html();
        }
    }

    @Test
    void everyNodeHasItsStatisticsGradientAndWhatItKeeps() {
        String html = pageOf("net");
        // tanh of −3, 0, 3 and NaN: three values in first, middle and last bin, one that is not finite, its output kept
        assertThat(html).containsPattern("\\[0\\],\\[-1],\\[-9\\.95055e-01,9\\.95055e-01,0,8\\.12459e-01,1,\"/A{11}/A{10}/\"],\\[");
        assertThat(html).contains("\"freed\":true", "\"tanh\"", "\"net\"");
        assertThat(html).as("nothing is loaded").contains("default-src 'none'").doesNotContain("src=").doesNotContain("href=");
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void noLabelEndsTheScript() {
        String html = pageOf("</script><b>/*SCRIPT*/\"\\");
        assertThat(html).contains("\\u003c/script\\u003e\\u003cb\\u003e/*SCRIPT*/\\\"\\\\").doesNotContain("</script><b>");
    }

    @Test
    void aFileThatCannotBeWrittenLeavesNothing() throws IOException {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            TapePage page = TapePage.record(tape);
            Tensor.of(backend, Shape.SCALAR, 1).exp();
            Path file = folder.resolve("page.html");
            page.write(file);
            assertThat(file).content().startsWith("<!DOCTYPE html>");
            Path taken = Files.createDirectories(folder.resolve("taken/full")).getParent();
            assertThatThrownBy(() -> page.write(taken)).isInstanceOf(IOException.class);
            try (var files = Files.list(folder)) {
                assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactlyInAnyOrder("page.html", "taken");
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tells about the commands knows all of them. */
class GuideTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"vo, vocode", "tr, train", "comp, completion"})
    void bashCompletesCommands(String typed, String expected) throws IOException, InterruptedException {
        assertThat(completed("aulos " + typed, 1)).containsExactly(expected);
    }

    @Test
    void bashCompletesOptions() throws IOException, InterruptedException {
        assertThat(completed("aulos vocode --repe", 2)).containsExactly("--repeat");
    }

    /** What bash offers for the word at {@code index}. */
    private List<String> completed(String line, int index) throws IOException, InterruptedException {
        Cli script = Cli.run("completion", "bash");
        assertThat(script.exitCode()).isZero();
        Path file = Files.writeString(folder.resolve("completion.sh"), script.out());
        Process bash = new ProcessBuilder("bash", "-c", "compopt() { :; }; source " + file + "; COMP_WORDS=(" + line + "); COMP_CWORD=" + index
                + "; COMP_LINE='" + line + "'; _complete_aulos; printf '%s\\n' \"${COMPREPLY[@]}\"").redirectErrorStream(true)
                .start();
        List<String> offered = bash.inputReader().lines().toList();
        assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return offered;
    }

    @Test
    void zshLoadsWhatItNeedsFirst() {
        Cli script = Cli.run("completion", "zsh");
        assertThat(script.exitCode()).isZero();
        assertThat(script.out()).startsWith("autoload -Uz compinit bashcompinit\n").contains("_complete_aulos");
        assertThat(Cli.run("completion", "fish").exitCode()).isEqualTo(2);
    }

    @Test
    void pagesForMan() throws IOException {
        Cli page = Cli.run("man", "vocode");
        assertThat(page.exitCode()).isZero();
        assertThat(page.out()).startsWith(".TH AULOS-VOCODE 1\n.SH NAME\naulos\\-vocode \\- ")
                .contains(".SH SYNOPSIS\naulos vocode ", ".SH ARGUMENTS\n", ".B \\-\\-repeat ")
                .doesNotContain("${");
        Cli unknown = Cli.run("man", "nonsense");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.errors()).singleElement().asString().contains("no command nonsense, expected one of demo, serve");

        Path pages = folder.resolve("man1");
        assertThat(Cli.run("man", "--out", pages.toString()).exitCode()).isZero();
        assertThat(pages.resolve("aulos.1")).content().contains(".SH COMMANDS\n.TP\n.B demo\n");
        assertThat(pages.resolve("aulos-train.1")).content().contains(".SH OPTIONS");
        assertThat(pages.resolve("aulos-rehearse.1")).doesNotExist();
        try (var files = Files.list(pages)) {
            assertThat(files.map(file -> file.getFileName().toString())).allMatch(name -> name.endsWith(".1"));
        }
    }
}

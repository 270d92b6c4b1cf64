// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contenders that are shell scripts. */
class TrainProcessTest {
    private static final String READY = "echo '{\"contender\": \"Script 1\"}'; ";

    @TempDir
    private Path folder;

    private TrainProcess start(String script) throws IOException {
        return new TrainProcess(List.of("/bin/sh", "-c", script), folder.resolve("errors.txt"));
    }

    @Test
    void makesAStepForEachLine() throws IOException {
        String answer = "echo '{\"seconds\": 0.5, \"losses\": {\"mel\": 2}, \"buffer_bytes\": 7}'";
        try (TrainProcess process = start(READY + "while read line; do " + answer + "; done")) {
            assertThat(process.contender()).isEqualTo("Script 1");
            for (int i = 0; i < 2; i++) {
                TrainProcess.Step step = process.step();
                assertThat(step.seconds()).isEqualTo(0.5);
                assertThat(step.losses()).containsEntry("mel", 2.0);
                assertThat(step.bufferBytes()).hasValue(7);
            }
        }
    }

    @Test
    void saysWhyItEnded() throws IOException {
        try (TrainProcess process = start(READY + "read line; echo 'RuntimeError: too wide' >&2; echo '  at x' >&2")) {
            assertThatIOException().isThrownBy(process::step)
                    .withMessage("/bin/sh: ended without an answer: RuntimeError: too wide");
        }
    }

    @Test
    void tellsAbsenceFromFailure() {
        assertThatThrownBy(() -> start("echo '{\"unavailable\": \"no torch\"}'"))
                .isInstanceOf(TrainProcess.Unavailable.class).hasMessage("/bin/sh: no torch");
        assertThatThrownBy(() -> new TrainProcess(List.of("/no/python"), folder.resolve("errors.txt")))
                .isInstanceOf(TrainProcess.Unavailable.class).hasMessageContaining("\"/no/python\"");
        assertThatThrownBy(() -> start("echo hello")).isNotInstanceOf(TrainProcess.Unavailable.class)
                .hasMessage("/bin/sh: said 'hello', expected a JSON object");
    }
}

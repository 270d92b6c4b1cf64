// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
    private final StringWriter err = new StringWriter();
    private final Aulos aulos = new Aulos(new PrintWriter(new StringWriter()), new PrintWriter(err));

    @Test
    void oneFailureDoesNotStopTheRest() {
        List<Path> done = new ArrayList<>();
        List<Path> files = List.of(Path.of("a"), Path.of("b"), Path.of("c"), Path.of("d"));
        int exitCode = Batch.run(aulos, "test", files, (file, progress, notes) -> {
            switch (file.toString()) {
                case "a" -> throw new IOException("a: is damaged");
                case "c" -> throw new IllegalArgumentException("mel has shape [1]");
                default -> done.add(file);
            }
        });
        assertThat(exitCode).isEqualTo(1);
        assertThat(done).containsExactly(Path.of("b"), Path.of("d"));
        assertThat(err.toString().lines()).containsExactly(
                "aulos: a: is damaged", "aulos: c: mel has shape [1]", "aulos: 2 of 4 files failed");
    }

    @Test
    void success() {
        assertThat(Batch.run(aulos, "test", List.of(Path.of("a")), (file, progress, notes) -> {})).isZero();
        assertThat(err.toString()).isEmpty();
    }
}

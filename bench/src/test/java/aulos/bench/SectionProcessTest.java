// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SectionProcessTest {
    @TempDir
    private Path folder;

    /** A section whose process ends, or does not, leaves the others and what it has reported itself. */
    @Test
    void aSectionThatFailsTakesNoOther() throws IOException {
        JsonObject report = JsonParser.parseString("{\"results\": [1]}").getAsJsonObject();
        StringWriter said = new StringWriter();
        SectionProcess processes = new SectionProcess(new PrintWriter(said), report);
        Path written = folder.resolve("part.json");
        Files.writeString(written, "{\"results\": [2, 3], \"host\": []}");
        List<String> fails = List.of("sh", "-c", "echo heard; echo told >&2; exit 3");
        assertThat(processes.run(fails, written, 60)).isEqualTo("ended with code 3, see above");
        assertThat(said.toString()).contains("heard", "told");
        assertThat(report.toString()).isEqualTo("{\"results\":[1,2,3],\"host\":[]}");
        long start = System.nanoTime();
        assertThat(processes.run(List.of("sleep", "100"), folder.resolve("none"), 1)).isEqualTo("was stopped after 1 s");
        assertThat(System.nanoTime() - start).isLessThan(50_000_000_000L);
        assertThat(processes.run(List.of("true"), folder.resolve("none"), 60)).isNull();
    }
}

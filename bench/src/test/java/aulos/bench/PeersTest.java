// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PeersTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsARowForEachModelAndWritesJson() throws IOException {
        Path json = folder.resolve("peers.json");
        int status = run("--models", "V2,V3", "--frames", "4", "--rounds", "2", "--warmup", "0", "--json",
                json.toString());
        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString()).contains("V2     ONNX Runtime 1.26.0", "V3     ONNX Runtime 1.26.0");
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        JsonObject first = report.getAsJsonArray("results").get(0).getAsJsonObject();
        assertThat(first.get("speedup").getAsDouble()).isEqualTo(1);
        assertThat(first.getAsJsonArray("all_seconds")).hasSize(2);
    }

    /** Continuous integration does not fetch it. */
    @Test
    void saysHowToGetPyTorch() {
        assumeTrue(PeersTest.class.getClassLoader().getResource("native/lib/pytorch.properties") == null);
        assertThat(run("--pytorch", "--models", "V2", "--frames", "1")).isEqualTo(1);
        assertThat(err.toString().lines().toList().getLast()).isEqualTo("aulos: PyTorch's native library is not on the "
                + "class path: './aulos bench peers --pytorch' fetches it, or Maven with -Ppytorch");
    }

    @Test
    void saysWhatIsWrongInOneLine() {
        assertThat(run("--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: --rounds is 0, expected at least 1; see aulos bench peers --help");
        err.getBuffer().setLength(0);
        Path nowhere = folder.resolve("none/peers.json");
        assertThat(run("--json", nowhere.toString())).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: --json " + nowhere + ": cannot be written: its folder does not exist");
    }

    private int run(String... args) {
        CommandLine line = Bench.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(Stream.concat(Stream.of("peers"), Stream.of(args)).toArray(String[]::new));
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainPeersTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        List<String> all = new ArrayList<>(List.of("train"));
        all.addAll(List.of(args));
        return Bench.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    /** One step of narrow networks with every kind of layer: all losses are compared before anything is timed. */
    @Test
    void computesWhatPyTorchComputes() throws IOException {
        Path json = folder.resolve("train.json");
        // Of several threads, PyTorch's wait for each other without end where the machine has other work.
        int status = run("--models", "V2", "--batch", "1", "--threads", "1", "--width-divisor", "8", "--rounds", "1",
                "--warmup", "0", "--json", json.toString());
        assertThat(status).as(err.toString()).isZero();
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        JsonArray results = report.getAsJsonArray("results");
        JsonObject ours = results.get(results.size() - 1).getAsJsonObject();
        assertThat(ours.get("contender").getAsString()).isEqualTo("Aulos");
        assertThat(ours.get("buffer_bytes").getAsLong()).isPositive();
        assertThat(ours.getAsJsonArray("all_seconds")).hasSize(1);
        if (err.toString().contains("without PyTorch")) {
            System.err.println("SKIPPED: no PyTorch here, the training step is not compared with it: " + err);
            Assumptions.abort("no PyTorch");
        }
        assertThat(out.toString()).contains("V2     PyTorch ", "V2     Aulos ");
        assertThat(ours.get("max_difference").getAsDouble()).isStrictlyBetween(0.0, 1e-4);
    }

    @Test
    void saysWhatIsWrongInOneLine() {
        assertThat(run("--width-divisor", "3")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: --width-divisor is 3, expected 1, 2, 4 or 8; see aulos bench train --help");
        err.getBuffer().setLength(0);
        assertThat(run("--batch", "0")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: --batch is 0, expected at least 1; see aulos bench train --help");
    }

    @Test
    void printsARow() {
        Contest.Entry entry = new Contest.Entry("Aulos", new double[] {2, 1, 3}, 1.25, 2e-6);
        JsonObject result = Report.result(Model.V1, entry);
        result.addProperty("peak_bytes", 3L << 29);
        assertThat(TrainPeers.row(result)).isEqualToIgnoringNewLines(
                "V1     Aulos                  2.000 s    1.000 s   50.0 %     1.25x   1.50 GiB          -      2.0e-06");
    }
}

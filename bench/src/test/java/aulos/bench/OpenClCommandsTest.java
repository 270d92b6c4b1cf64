// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.Backend;
import aulos.engine.TestDevice;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands for OpenCL devices, at sizes for which the figures mean nothing. */
class OpenClCommandsTest {
    @TempDir
    private Path folder;

    @BeforeAll
    static void requireDevice() {
        try (Backend device = TestDevice.open("opencl:0")) {
            assertThat(device.name()).isEqualTo("opencl");
        }
    }

    private JsonObject run(String... args) throws IOException {
        Path json = folder.resolve("report.json");
        CommandLine line = Bench.commandLine();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err));
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--json";
        all[args.length + 1] = json.toString();
        assertThat(line.execute(all)).as("%s", err).isZero();
        return JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    }

    @Test
    void tunesEveryLayerAndRejectsNoTile() throws IOException {
        JsonObject report = run("tune", "--models", "V3", "--frames", "2", "--batch", "0", "--dry-run");
        assertThat(report.getAsJsonArray("results")).hasSizeGreaterThan(8).allSatisfy(entry -> {
            JsonObject result = entry.getAsJsonObject();
            assertThat(result.get("seconds").getAsDouble()).isPositive();
            assertThat(result.getAsJsonArray("rejected")).isEmpty();
        });
    }

    @Test
    void timesSynthesisOnTheDevice() throws IOException {
        JsonObject report = run("gpu", "--models", "V3", "--batches", "2", "--frames", "3", "--sections", "synthesis,host",
                "--rounds", "1", "--warmup", "0", "--torch", "none");
        assertThat(report.getAsJsonArray("results")).hasSize(1);
        JsonObject result = report.getAsJsonArray("results").get(0).getAsJsonObject();
        assertThat(result.get("contender").getAsString()).isEqualTo("Aulos");
        assertThat(result.get("tflops").getAsDouble()).isPositive();
        JsonObject host = report.getAsJsonArray("host").get(0).getAsJsonObject();
        assertThat(host.get("launches").getAsInt()).isGreaterThan(20);
        assertThat(host.get("arguments").getAsInt()).as("a pass of fixed shape is replayed").isZero();
    }
}

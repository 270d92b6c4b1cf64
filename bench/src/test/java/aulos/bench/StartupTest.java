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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Bench.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
    }

    /** A program that starts ours as the launcher does. */
    private Path launcher() throws IOException {
        String java = String.join("' '", JavaProcess.command(StartupTest.class));
        Path launcher = Files.writeString(folder.resolve("launcher"), "#!/bin/sh\nexec '"
                + java.replace(StartupTest.class.getName(), "aulos.hifigan.cli.Aulos") + "' \"$@\"\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        return launcher;
    }

    @Test
    void comparesWholeProcesses() throws IOException {
        Path json = folder.resolve("startup.json");
        int status = run("startup", "--frames", "4,9", "--threads", "1", "--rounds", "1", "--warmup", "0", "--launcher",
                launcher().toString(), "--python", "python3,/usr/bin/python3", "--json", json.toString());
        assertThat(status).as(err.toString()).isZero();
        JsonArray results = JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonArray("results");
        JsonObject ours = results.get(results.size() - 1).getAsJsonObject();
        assertThat(ours.get("contender").getAsString()).isEqualTo("Aulos");
        assertThat(ours.get("peak_bytes").getAsLong()).isGreaterThan(10 << 20);
        if (err.toString().contains("without PyTorch")) {
            System.err.println("SKIPPED: no PyTorch here to compare start-up with: " + err);
        } else {
            assertThat(out.toString()).contains("V2         0.0 s  Python, PyTorch ");
        }
        assertThat(out.toString()).contains("V2         0.0 s  Java, ONNX Runtime ", "V2         0.0 s  Aulos ",
                "V2         0.1 s  Java, ONNX Runtime ", "V2         0.1 s  Aulos ");
        assertThat(results).extracting(result -> result.getAsJsonObject().get("frames").getAsInt()).contains(4, 9);
    }

    @Test
    void saysWhyAProgramDidNotVocode() {
        assertThat(run("startup", "--frames", "1", "--python", "/bin/false", "--launcher", "/bin/false")).isEqualTo(1);
        assertThat(err.toString().lines()).contains(
                "aulos: without PyTorch; /bin/false: ended with exit code 1 and without a WAV file (--python names another)",
                "aulos: /bin/false: ended with exit code 1 and without a WAV file");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class AulosTest {
    @Test
    void wrongUsageIsOneLineAndExitCode2() {
        Cli unknown = Cli.run("devices", "--colour");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.out()).isEmpty();
        assertThat(unknown.errors()).containsExactly(
                "aulos: Unknown option: '--colour' (see 'aulos devices --help')");
        assertThat(Cli.run().errors()).containsExactly("aulos: no command given (see 'aulos --help')");
        assertThat(Cli.run().exitCode()).isEqualTo(2);
        assertThat(Cli.run("nonsense").exitCode()).isEqualTo(2);
    }

    @Test
    void helpGoesToStandardOutput() {
        Cli help = Cli.run("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).startsWith("Usage: aulos").contains("--stacktrace", "devices");
        assertThat(help.err()).isEmpty();
        assertThat(Cli.run("devices", "--help").out()).contains("--json").contains("--stacktrace");
    }

    @Test
    void stacktraceOnlyOnRequest() {
        assertThat(Cli.run("--stacktrace").errors()).hasSizeGreaterThan(1)
                .first().isEqualTo("aulos: no command given (see 'aulos --help')");
    }

    @Test
    void devicesListsTheReference() {
        Cli devices = Cli.run("devices", "--json");
        assertThat(devices.exitCode()).isZero();
        assertThat(devices.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject())
                .map(device -> device.get("kind").getAsString())).contains("reference");
        assertThat(Cli.run("devices").out()).contains("reference    plain loops");
    }

    @Test
    void messagesAreOneLine() {
        assertThat(Errors.message(new IOException("a\n\tb\r\nc "))).isEqualTo("a b c");
        assertThat(Errors.message(new NoSuchFileException("x.wav"))).isEqualTo("x.wav: no such file or folder");
        assertThat(Errors.message(new AccessDeniedException("x.wav"))).isEqualTo("x.wav: permission denied");
        assertThat(Errors.message(new NoSuchFileException("x", null, "why"))).isEqualTo("x: why");
        assertThat(Errors.message(new NullPointerException("p is null")))
                .isEqualTo("internal error: java.lang.NullPointerException: p is null (--stacktrace shows where)");
        assertThat(Errors.message(new OutOfMemoryError())).startsWith("out of memory: the JVM may use ");
        assertThat(Errors.message(new IllegalArgumentException("Self-suppression not permitted", new OutOfMemoryError())))
                .startsWith("out of memory: the JVM may use ");
    }

    private record Row(String input, double audioSeconds, String missing) {}

    @Test
    void jsonIsOneLineInSnakeCase() {
        String line = Json.line(new Row("a \"b\"\n<c>", 1.5, null));
        assertThat(line).doesNotContain("\n").contains("<c>");
        JsonObject object = JsonParser.parseString(line).getAsJsonObject();
        assertThat(object.keySet()).containsExactly("input", "audio_seconds");
        assertThat(object.get("input").getAsString()).isEqualTo("a \"b\"\n<c>");
    }
}

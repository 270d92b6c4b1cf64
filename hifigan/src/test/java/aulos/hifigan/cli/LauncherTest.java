// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code aulos}, copied beside a jar that is never opened, with JDKs that only print their arguments. */
class LauncherTest {
    @TempDir
    Path folder;

    private Path script;
    private Path jar;

    @BeforeEach
    void install() throws IOException {
        Path root = Files.createDirectories(folder.resolve("a project"));
        script = Files.copy(Path.of("../aulos"), root.resolve("aulos"));
        jar = Files.createDirectories(root.resolve("hifigan/target")).resolve("aulos.jar");
        Files.createFile(jar);
    }

    private Path jdk(String name, String version, String modules) throws IOException {
        Path home = folder.resolve(name);
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\nMODULES=\""
                + modules + "\"\n");
        Files.writeString(java, """
                #!/bin/sh
                echo "WARNING: Using incubator modules: jdk.incubator.vector" >&2
                echo "another message" >&2
                echo "%s"
                for argument in "$@"; do echo "[$argument]"; done
                exit 7
                """.formatted(name));
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return home;
    }

    private Cli launch(Path home, Path program, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(Files.createTempDirectory(folder, "x").toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", home.toString());
        builder.environment().remove("AULOS_OPTS");
        int exitCode = builder.start().waitFor();
        // The script's filter of messages may end a moment after the program.
        for (int i = 0; i < 100 && Files.size(err) == 0; i++) {
            Thread.sleep(20);
        }
        return new Cli(exitCode, Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void passesArgumentsAndExitCode() throws IOException, InterruptedException {
        Cli run = launch(jdk("new jdk", "26", "java.base jdk.incubator.vector"), script, "two words", "*", "");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out().lines()).startsWith("new jdk").contains("[--add-modules]", "[jdk.incubator.vector]")
                .endsWith("[-jar]", "[" + jar.toRealPath() + "]", "[two words]", "[*]", "[]");
        assertThat(run.errors()).containsExactly("another message");
    }

    @Test
    void runsTheComparisonsFromTheirOwnJar() throws IOException, InterruptedException {
        Path target = Files.createDirectories(script.resolveSibling("bench/target")).toRealPath();
        Files.createFile(target.resolve("aulos-bench.jar"));
        Cli run = launch(jdk("jdk", "25", "jdk.incubator.vector"), script, "bench", "peers", "two words");
        assertThat(run.out().lines()).contains("[--add-modules]").doesNotContain("[-jar]", "[bench]").endsWith(
                "[-cp]", "[" + target + "/aulos-bench.jar:" + target + "/lib/*]", "[aulos.bench.Bench]", "[peers]",
                "[two words]");
    }

    @Test
    void worksThroughLinks() throws IOException, InterruptedException {
        Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("a project/aulos"));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path second = Files.createSymbolicLink(bin.resolve("second"), first);
        Cli run = launch(jdk("jdk", "25.0.1", ""), second);
        assertThat(run.out()).contains("[" + jar.toRealPath() + "]");
    }

    @Test
    void leavesOutWhatTheJdkDoesNotHave() throws IOException, InterruptedException {
        assertThat(launch(jdk("small", "25", "java.base"), script).out()).doesNotContain("incubator");
    }

    @Test
    void passesOverAnOldJdk() throws IOException, InterruptedException {
        assertThat(launch(jdk("old", "17.0.2", ""), script, "--version").out()).doesNotContain("old");
    }
}

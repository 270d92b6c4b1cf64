// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
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
    private String sparkHome;
    private int ranks;
    private String path = System.getenv("PATH");

    @BeforeEach
    void install() throws IOException {
        Path root = Files.createDirectories(folder.resolve("a project"));
        script = Files.copy(Path.of("../aulos"), root.resolve("aulos"));
        Files.copy(Path.of("../jvm.flags"), root.resolve("jvm.flags"));
        Files.copy(Path.of("../short.flags"), root.resolve("short.flags"));
        jar = Files.createDirectories(root.resolve("hifigan/target")).resolve("aulos.jar");
        Files.createFile(jar);
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.writeString(java, """
                #!/bin/sh
                echo "a message" >&2
                echo "%s"
                for argument in "$@"; do echo "[$argument]"; done
                case $* in
                    *ArchiveClassesAtExit=*)
                        echo rehearsed >>'%s'
                        for argument in "$@"; do
                            case $argument in
                                *ArchiveClassesAtExit=*) echo classes >"${argument#*=}" ;;
                            esac
                        done
                        exit 0 ;;
                esac
                exit 7
                """.formatted(name, folder.resolve("log.txt")));
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
        builder.environment().put("PATH", path);
        builder.environment().remove("SPARK_HOME");
        if (ranks > 0) {
            builder.environment().put("OMPI_COMM_WORLD_SIZE", Integer.toString(ranks));
        }
        if (sparkHome != null) {
            builder.environment().put("SPARK_HOME", sparkHome);
        }
        int exitCode = builder.start().waitFor();
        return new Cli(exitCode, Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void passesArgumentsAndExitCode() throws IOException, InterruptedException {
        Cli run = launch(jdk("new jdk", "26"), script, "two words", "*", "");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out().lines())
                .startsWith("new jdk", "[@" + script.resolveSibling("jvm.flags").toRealPath() + "]")
                .endsWith("[-jar]", "[" + jar.toRealPath() + "]", "[two words]", "[*]", "[]");
        assertThat(run.errors()).containsExactly("a message");
    }

    @Test
    void opensAShellWithTheProgramAndItsStart() throws IOException, InterruptedException {
        Path home = jdk("new jdk", "26");
        assertThat(launch(home, script, "jshell").errors())
                .contains("aulos: jshell: needs the source tree and a full JDK 25 or newer");
        Path start = Files.copy(Path.of("../aulos.jsh"), script.resolveSibling("aulos.jsh"));
        Path shell = Files.writeString(home.resolve("bin/jshell"), "#!/bin/sh\nfor argument in \"$@\"; do echo \"[$argument]\"; done\n");
        assertThat(shell.toFile().setExecutable(true)).isTrue();
        assertThat(launch(home, script, "jshell", "a file").out().lines())
                .startsWith("[--class-path]", "[" + jar.toRealPath() + "]", "[--startup]", "[DEFAULT]", "[--startup]",
                        "[" + start.toRealPath() + "]")
                .endsWith("[a file]");
    }

    /** What runs for long is to be compiled soon. */
    @Test
    void tellsShortCommandsFromLongOnes() throws IOException, InterruptedException {
        String flags = "[@" + script.resolveSibling("short.flags").toRealPath() + "]";
        String directives = "[-XX:CompilerDirectivesFile=" + flags.substring(2, flags.lastIndexOf("flags")) + "directives]";
        Path home = jdk("jdk", "25");
        assertThat(launch(home, script, "vocode", "train").out()).contains(flags, directives);
        assertThat(launch(home, script, "--version").out()).contains(flags);
        assertThat(launch(home, script, "--verbose", "train").out()).doesNotContain(flags);
        assertThat(launch(home, script, "serve", "--port", "1").out()).doesNotContain(flags);
    }

    @Test
    void archivesClassesOnceForEachJarAndJdk() throws IOException, InterruptedException {
        Path log = folder.resolve("log.txt");
        Path home = jdk("jdk", "25");
        Path archive = jar.toRealPath().resolveSibling("aulos-jdk.jsa");
        assertThat(launch(home, script).out()).contains("[-XX:SharedArchiveFile=" + archive + "]");
        assertThat(archive).hasContent("classes");
        launch(home, script);
        assertThat(Files.readAllLines(log)).hasSize(1);
        launch(jdk("another", "25"), script);
        assertThat(Files.readAllLines(log)).hasSize(2);
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        launch(home, script);
        assertThat(Files.readAllLines(log)).hasSize(3);
        assertThat(jar.getParent().toFile().list()).containsExactlyInAnyOrder(
                "aulos.jar", "aulos-jdk.jsa", "aulos-another.jsa");
    }

    /** As 'aulos package' makes it, on a machine without anything: what the script needs must be in the shell itself. */
    @Test
    void runsInAPackageWithoutAnyOtherProgram() throws IOException, InterruptedException {
        Path root = script.getParent().toRealPath();
        Files.move(jdk("jdk", "25"), root.resolve("runtime"));
        Files.createFile(root.resolve("aulos.jar"));
        Path archive = Files.createFile(root.resolve("aulos.jsa"));
        Files.setLastModifiedTime(archive, FileTime.from(Instant.now().plusSeconds(60)));
        Process process = new ProcessBuilder("/bin/bash", "-c", "PATH=; unset JAVA_HOME; . \"$0\" info x",
                script.toString()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(7);
        assertThat(said.lines()).endsWith("[-jar]", "[" + root + "/aulos.jar]", "[info]", "[x]");
    }

    @Test
    void runsTheComparisonsFromTheirOwnJar() throws IOException, InterruptedException {
        Path target = built("bench");
        Cli run = launch(jdk("jdk", "25"), script, "bench", "peers", "two words");
        assertThat(run.out().lines()).contains("[--add-exports]").doesNotContain("[-jar]", "[bench]").endsWith(
                "[-cp]", "[" + target + "/aulos-bench.jar:" + target + "/lib/*]", "[aulos.bench.Bench]", "[peers]",
                "[two words]");
    }

    /** mpirun kills what it has started: the script, which waits for the program and passes its exit code on. */
    @Test
    void waitsForTheProgramAsOneOfSeveralRanks() throws IOException, InterruptedException {
        Path target = built("cluster");
        ranks = 2;
        Cli run = launch(jdk("jdk", "25"), script, "train", "two words");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out().lines()).contains("[--add-exports]", "[-Daulos.wrapped=true]").doesNotContain("[-jar]").endsWith(
                "[-cp]", "[" + target + "/aulos-cluster.jar]", "[aulos.hifigan.cli.Aulos]", "[train]", "[two words]");
        assertThat(run.errors()).containsExactly("a message");
        ranks = 1;
        assertThat(launch(jdk("another", "25"), script, "train").out()).doesNotContain("aulos.wrapped");
    }

    /** A module that is built, of a source tree in which nothing has changed since; its {@code target}. */
    private Path built(String module) throws IOException {
        Path target = Files.createDirectories(script.resolveSibling(module + "/target")).toRealPath();
        Files.createFile(target.resolve("aulos-" + module + ".jar"));
        Files.createFile(script.resolveSibling("pom.xml"));
        for (String source : List.of("engine", "kernels", "hifigan", module)) {
            Files.createDirectories(script.resolveSibling(source).resolve("src/main"));
            Path pom = Files.createFile(script.resolveSibling(source).resolve("pom.xml"));
            Files.setLastModifiedTime(pom, FileTime.from(Instant.EPOCH));
        }
        Files.setLastModifiedTime(script.resolveSibling("pom.xml"), FileTime.from(Instant.EPOCH));
        return target;
    }

    /** What is Spark's goes to Spark, wherever it stands; the rest to the application. */
    @Test
    void givesSparkItsOptionsAndTheApplicationItsOwn() throws IOException, InterruptedException {
        Path target = built("cluster");
        Path home = jdk("jdk", "25");
        Cli own = launch(home, script, "spark", "vocode", "--out", "x y", "--master", "spark://h:1", "--conf", "a=b c",
                "in");
        assertThat(own.out().lines()).doesNotContain("[spark]", "[@" + target.getParent().getParent() + "/jvm.flags]")
                .endsWith("[-cp]", "[" + target + "/spark/jars/*]", "[org.apache.spark.deploy.SparkSubmit]", "[--class]",
                        "[aulos.cluster.spark.Vocode]", "[--master]", "[spark://h:1]", "[--conf]", "[a=b c]",
                        "[" + target + "/aulos-cluster.jar]", "[--out]", "[x y]", "[in]");
        assertThat(launch(home, script, "spark", "mel", "--master", "local[2]").out())
                .contains("[@" + target.getParent().getParent() + "/jvm.flags]", "[aulos.cluster.spark.Mel]");
        assertThat(launch(home, script, "spark", "sing").errors())
                .containsExactly("aulos: spark sing: expected vocode, mel or eval");
        assertThat(launch(home, script, "spark", "eval", "--master").errors())
                .containsExactly("aulos: spark: --master needs a value");

        Path spark = folder.resolve("spark");
        Path submit = Files.createDirectories(spark.resolve("bin")).resolve("spark-submit");
        sparkHome = spark.toString();
        assertThat(launch(home, script, "spark", "eval").errors())
                .containsExactly("aulos: SPARK_HOME is " + spark + ", which has no bin/spark-submit");
        Files.writeString(submit, "#!/bin/sh\necho $JAVA_HOME\nfor argument; do echo \"[$argument]\"; done\n");
        assertThat(submit.toFile().setExecutable(true)).isTrue();
        assertThat(launch(home, script, "spark", "eval", "--master", "k8s://h", "--out", "x").out().lines())
                .containsExactly(home.toString(), "[--class]", "[aulos.cluster.spark.Eval]", "[--master]", "[k8s://h]",
                        "[" + target + "/aulos-cluster.jar]", "[--out]", "[x]");
    }

    /** Without Spark's jars there is nothing to run, and one line says so. */
    @Test
    void saysThatSparkCannotBeHad() throws IOException, InterruptedException {
        Files.delete(built("cluster").resolve("aulos-cluster.jar"));
        Path mvn = Files.createDirectories(folder.resolve("bin")).resolve("mvn");
        Files.writeString(mvn, """
                #!/bin/sh
                echo "[ERROR] Failed to execute goal on project aulos-cluster: Could not resolve dependencies"
                echo "[ERROR] dependency: org.apache.spark:spark-sql_2.13:jar:4.2.0 (provided)"
                exit 1
                """);
        assertThat(mvn.toFile().setExecutable(true)).isTrue();
        path = mvn.getParent() + ":" + System.getenv("PATH");
        Cli run = launch(jdk("jdk", "25"), script, "spark", "vocode");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors()).hasSize(2).first().asString().startsWith("aulos: building ");
        assertThat(run.errors()).last().asString().startsWith("aulos: Spark cannot be had: Maven could not download ");
    }

    @Test
    void worksThroughLinks() throws IOException, InterruptedException {
        Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("a project/aulos"));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path second = Files.createSymbolicLink(bin.resolve("second"), first);
        Cli run = launch(jdk("jdk", "25.0.1"), second);
        assertThat(run.out()).contains("[" + jar.toRealPath() + "]");
    }

    @Test
    void passesOverAnOldJdk() throws IOException, InterruptedException {
        assertThat(launch(jdk("old", "17.0.2"), script, "--version").out()).doesNotContain("old");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the front page says is so. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern EXAMPLE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern PRINTED = Pattern.compile("```text\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)(#[^)]*)?\\)");

    @TempDir
    Path folder;

    @Test
    void theJavaExampleCompilesAndRuns() throws IOException, InterruptedException {
        List<String> examples = examples();
        assertThat(examples).as("the examples that a test here runs").hasSize(2);
        Path source = program(examples.get(1));

        Path checkpoint = TinyVoice.write(folder);
        Path tone = TinyVoice.tone(folder.resolve("mel.wav"), TinyVoice.RATE, 16_000);
        Path mels = folder.resolve("aulos-demo");
        assertThat(Cli.run("mel", tone.toString(), "--config", folder.resolve("config.json").toString(), "--out",
                mels.toString()).exitCode()).isZero();
        Path expected = folder.resolve("expected.wav");
        assertThat(Cli.run("vocode", "--checkpoint", checkpoint.toString(), "--out", expected.toString(),
                mels.resolve("mel.npy").toString()).exitCode()).isZero();
        Path resources = TinyVoice.bundle(folder.resolve("resources"), checkpoint);

        run(source, resources);
        assertThat(folder.resolve("out.wav")).hasSameBinaryContentAs(expected);
    }

    @Test
    void theDerivativesExamplePrintsWhatThePageSays() throws IOException, InterruptedException {
        Matcher printed = PRINTED.matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(printed.find()).isTrue();
        assertThat(run(program(examples().getFirst()), folder)).isEqualTo(printed.group(1));
    }

    private static List<String> examples() throws IOException {
        return EXAMPLE.matcher(Files.readString(ROOT.resolve("README.md"))).results().map(match -> match.group(1)).toList();
    }

    private Path program(String example) throws IOException {
        return Files.writeString(folder.resolve("Example.java"), """
                import aulos.engine.*;
                import aulos.engine.io.*;
                import aulos.hifigan.audio.*;
                import aulos.hifigan.vocode.*;
                import java.nio.file.Path;
                import java.util.List;

                void main() throws Exception {
                %s}
                """.formatted(example));
    }

    /** What a program prints, run from its source in a JVM of its own. */
    private String run(Path source, Path resources) throws IOException, InterruptedException {
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-cp", resources + File.pathSeparator
                        + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                source.toString());
        File output = folder.resolve("output.txt").toFile();
        Process process = new ProcessBuilder(command).directory(folder.toFile())
                .redirectError(folder.resolve("errors.txt").toFile()).redirectOutput(output).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(folder.resolve("errors.txt"))).isZero();
        return Files.readString(output.toPath());
    }

    @Test
    void noLinkIsBroken() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        for (String docsFolder : List.of("docs", "docs/lab")) {
            try (DirectoryStream<Path> docs = Files.newDirectoryStream(ROOT.resolve(docsFolder), "*.md")) {
                docs.forEach(pages::add);
            }
        }
        int links = 0;
        for (Path page : pages) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                assertThat(page.resolveSibling(link.group(1))).as("linked from " + page).exists();
                links++;
            }
        }
        assertThat(links).isGreaterThan(5);
    }

    /** A line that begins with {@code ./aulos} or {@code $ ./aulos} names a command, and options, that there are. */
    @Test
    void everyCommandExists() throws IOException {
        Matcher line = Pattern.compile("(?m)^ {4}(?:\\$ )?\\./aulos (?!bench|spark)(\\w+)([^\\n#]*)")
                .matcher(Files.readString(ROOT.resolve("README.md")));
        int commands = 0;
        while (line.find()) {
            Cli help = Cli.run(line.group(1), "--help");
            assertThat(help.exitCode()).as(line.group()).isZero();
            Matcher option = Pattern.compile("--[\\w-]+").matcher(line.group(2));
            while (option.find()) {
                assertThat(help.out()).as(line.group()).contains(option.group());
            }
            commands++;
        }
        assertThat(commands).isGreaterThan(8);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.cli.TinyVoice;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsTest {
    @TempDir
    Path folder;

    /** The examples of {@code docs/serve.md}, one after the other; those that end in a file have to make one. */
    @Test
    void theExamplesWork() throws IOException, InterruptedException {
        boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "curl")));
        if (!there) {
            System.err.println("SKIPPED: the examples of docs/serve.md, there is no curl");
        }
        assumeTrue(there);
        List<String> examples = Files.readAllLines(Path.of("../docs/serve.md")).stream()
                .filter(line -> line.startsWith("curl ")).toList();
        assertThat(examples).hasSizeGreaterThan(4);
        TinyVoice.tone(folder.resolve("speech.wav"), TinyVoice.RATE, 16_000);
        try (TestServer server = new TestServer(settings -> { })) {
            for (String example : examples) {
                // Not every machine has a loudspeaker.
                String command = example.replace("http://127.0.0.1:8080", server.url(""))
                        .replace("| aplay", "> played.wav").replace("curl ", "curl -sS --fail ");
                File output = folder.resolve("output.txt").toFile();
                Process process = new ProcessBuilder("sh", "-c", command).directory(folder.toFile())
                        .redirectErrorStream(true).redirectOutput(output).start();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).as(example + ": " + Files.readString(output.toPath())).isZero();
            }
        }
        assertThat(Files.size(folder.resolve("mel.npy"))).isEqualTo(128 + 4 * 250 * TinyVoice.MELS);
        assertThat(AudioFile.read(folder.resolve("result.wav"), TinyVoice.RATE).samples()).hasSize(16_000);
        assertThat(folder.resolve("played.wav")).hasSize(44 + 2 * 16_000);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seconds of what {@code ./aulos bench fuzz} does for hours. That it finds what there is, a test of that command shows. */
class CoverageFuzzTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void seedsAreGoodFiles(FuzzedReader reader) throws IOException {
        assertThat(reader.read(Files.write(folder.resolve("x"), reader.seed()))).isNotNull();
    }

    @Test
    void allReaders() throws IOException, InterruptedException {
        FuzzRun run = new FuzzRun(FuzzTarget.ALL, folder.resolve("corpus"), folder.resolve("findings"));
        run.prepare();
        Process process = new ProcessBuilder(run.command("-max_total_time=4")).directory(folder.toFile())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        Matcher runs = Pattern.compile("stat::number_of_executed_units: (\\d+)").matcher(said);
        assertThat(runs.find()).as(said).isTrue();
        assertThat(Integer.parseInt(runs.group(1))).isGreaterThan(FuzzedReader.values().length);
    }
}

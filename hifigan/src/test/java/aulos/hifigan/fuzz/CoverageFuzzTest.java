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

/** Seconds of what {@code ./aulos bench fuzz} does for hours. */
class CoverageFuzzTest {
    /** Jazzer's exit code for a finding. */
    private static final int FOUND = 77;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void seedsAreGoodFiles(FuzzedReader reader) throws IOException {
        assertThat(reader.read(Files.write(folder.resolve("x"), reader.seed()))).isNotNull();
    }

    @Test
    void allReaders() throws IOException, InterruptedException {
        String said = fuzz(FuzzTarget.ALL, 0, "-max_total_time=4");
        Matcher runs = Pattern.compile("stat::number_of_executed_units: (\\d+)").matcher(said);
        assertThat(runs.find()).as(said).isTrue();
        assertThat(Integer.parseInt(runs.group(1))).isGreaterThan(FuzzedReader.values().length);
    }

    @Test
    void aPlantedFaultIsFound() throws IOException, InterruptedException {
        assertThat(fuzz(FuzzedReader.PLANTED.name(), FOUND, "-seed=1", "-max_total_time=40"))
                .contains("java.lang.IllegalStateException: the planted fault");
    }

    private String fuzz(String reader, int exitCode, String... limits) throws IOException, InterruptedException {
        FuzzRun run = new FuzzRun(reader, folder.resolve("corpus"), folder.resolve("findings"));
        run.prepare();
        Process process = new ProcessBuilder(run.command(limits)).directory(folder.toFile())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
        return said;
    }
}

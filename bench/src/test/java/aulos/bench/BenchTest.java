// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Bench.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
    }

    @Test
    void listsTheComparisons() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: aulos bench").contains("peers", "train",
                "startup", "kernels", "roofline", "convs", "griffin-lim");
        assertThat(run("convs", "--help")).isZero();
        assertThat(out.toString()).contains("Usage: aulos bench convs");
    }

    @Test
    void saysWhatIsWrongInOneLine() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: Missing required subcommand; see aulos bench --help");
        err.getBuffer().setLength(0);
        assertThat(run("convs", "--threads", "0")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: --threads is 0, expected at least 1; see aulos bench convs --help");
    }

    /** A fault that only coverage leads to: by chance alone it would take four thousand million inputs. */
    @Test
    void fuzzingFindsAPlantedFault(@TempDir Path folder) throws IOException {
        assertThat(run("fuzz", "PLANTED", "--hours", "0.03", "--out", folder.toString())).as("%s", err).isEqualTo(1);
        assertThat(out.toString()).matches("PLANTED +[\\d,]{3,} inputs: a fault, see .*\\R");
        assertThat(folder.resolve("planted/log.txt")).content()
                .contains("java.lang.IllegalStateException: the planted fault");
        assertThat(folder.resolve("planted/findings")).isNotEmptyDirectory();
        assertThat(run("fuzz", "--hours", "0")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: --hours is 0.0, expected more than 0; see aulos bench fuzz --help");
    }

    @Test
    void timesConvolutions() {
        assertThat(run("convs", "--models", "V3", "--frames", "1", "--threads", "1", "--rounds", "1")).isZero();
        assertThat(out.toString()).contains("1 thread", "V3: 1 frames, ");
    }
}

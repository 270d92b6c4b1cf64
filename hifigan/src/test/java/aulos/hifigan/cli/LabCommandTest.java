// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LabCommandTest {
    @Test
    void comparesAGeneratorOnTheCpuWithFloat64() {
        Cli compared = Cli.run("lab", "compare", "--device", "cpu", "--frames", "1");
        assertThat(compared.exitCode()).as(compared.err()).isZero();
        assertThat(compared.out()).startsWith("float64 and ").containsPattern("\n∂conv1d +\\d+ +\\d\\.\\d\\de-0[4-9]  %\\d+ to \\d ")
                .endsWith("none is beyond 0.001\n");
        Cli strict = Cli.run("lab", "compare", "--frames", "1", "--bound", "0");
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.out()).containsPattern("\nthe first beyond 0.0: %0 conv1d");
    }

    @Test
    void wrongUsageIsALine() {
        assertThat(Cli.run("lab", "compare", "--frames", "0").err()).startsWith("aulos: --frames 0 --bound 0.001, expected");
    }
}

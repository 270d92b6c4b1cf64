// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.hifigan.train.ranks.Launch;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaunchTest {
    @Test
    void knowsLaunchersByTheirVariables() {
        assertThat(Launch.of(Map.of("PATH", "/bin"))).isEmpty();
        assertThat(Launch.of(Map.of("OMPI_COMM_WORLD_RANK", "2", "OMPI_COMM_WORLD_SIZE", "4",
                "OMPI_COMM_WORLD_LOCAL_RANK", "1", "PMIX_RANK", "2")))
                        .contains(new Launch(Launch.Launcher.OPEN_MPI, 2, 4, 1));
        assertThat(Launch.of(Map.of("PMI_RANK", "0", "PMI_SIZE", "3")))
                .contains(new Launch(Launch.Launcher.HYDRA, 0, 3, -1));
        assertThat(Launch.of(Map.of("PMIX_RANK", "1", "SLURM_NTASKS", "2", "SLURM_LOCALID", "0")))
                .contains(new Launch(Launch.Launcher.SLURM, 1, 2, 0));
        // In a shell that Slurm has opened, but not as one of its tasks.
        assertThat(Launch.of(Map.of("SLURM_NTASKS", "2"))).isEmpty();
        assertThatThrownBy(() -> Launch.of(Map.of("PMI_RANK", "3", "PMI_SIZE", "3"))).hasMessage(
                "the environment has PMI_RANK=3 and PMI_SIZE=3, expected a rank below the count");
    }
}

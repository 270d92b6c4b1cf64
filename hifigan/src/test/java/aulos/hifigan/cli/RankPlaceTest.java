// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.hifigan.train.ranks.Launch;
import org.junit.jupiter.api.Test;

class RankPlaceTest {
    @Test
    void sharesDevicesAndCores() {
        assertThat(new RankPlace(1, 3).threads(16)).isEqualTo(5);
        assertThat(new RankPlace(1, 3).threads(2)).isEqualTo(1);
        assertThat(new RankPlace(1, 2).device("cpu")).isEqualTo("cpu");
        assertThat(new RankPlace(1, 2).device("opencl:3,5")).isEqualTo("opencl:5");
        assertThatThrownBy(() -> new RankPlace(2, 3).device("opencl:3,5")).hasMessage("--device opencl:3,5 names 2 devices,"
                + " expected one for each rank on this machine, of which this is number 3");
        assertThat(new RankPlace(0, 1).device("no such kind")).isEqualTo("no such kind");
    }

    @Test
    void saysThatThisJarHasNoMpi() {
        assertThatThrownBy(() -> RankedStart.connect(new Launch(Launch.Launcher.OPEN_MPI, 0, 4, 0), false, line -> {}))
                .isInstanceOf(IllegalStateException.class).hasMessage("started by Open MPI's mpirun as one of 4 processes,"
                        + " but MPI is not in this jar: build it with 'mvn -Pcluster package -DskipTests', and start ./aulos of the"
                        + " source tree");
    }
}

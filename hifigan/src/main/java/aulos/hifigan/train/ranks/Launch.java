// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.ranks;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a launcher tells each of the processes that it starts, in their environment.
 *
 * @param launcher whose variables they are
 * @param rank the number of this process, from 0
 * @param count of the processes
 * @param localRank the number of this process among those on its machine, or −1 if the launcher does not say
 */
public record Launch(Launcher launcher, int rank, int count, int localRank) {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

    /** Kinds of launchers, by the variables that they set. The first that are there count. */
    public enum Launcher {
        /** Open MPI's mpirun. */
        OPEN_MPI("Open MPI's mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
        /** Hydra, which is the mpirun of MPICH and its descendants. */
        HYDRA("MPICH's mpirun", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"),
        /** Slurm's {@code srun --mpi=pmix}. */
        SLURM("Slurm's srun", "PMIX_RANK", "SLURM_NTASKS", "SLURM_LOCALID");

        private final String title;
        private final String rank;
        private final String count;
        private final String localRank;

        Launcher(String title, String rank, String count, String localRank) {
            this.title = title;
            this.rank = rank;
            this.count = count;
            this.localRank = localRank;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    /**
     * The launch that an environment tells of; none if the process was started by itself.
     *
     * @throws IllegalStateException if the variables contradict each other
     */
    public static Optional<Launch> of(Map<String, String> environment) {
        for (Launcher launcher : Launcher.values()) {
            int count = number(environment, launcher.count);
            int rank = number(environment, launcher.rank);
            if (count >= 0 && rank >= 0) {
                if (rank >= count) {
                    throw new IllegalStateException("the environment has " + launcher.rank + "=" + rank + " and "
                            + launcher.count + "=" + count + ", expected a rank below the count");
                }
                return Optional.of(new Launch(launcher, rank, count, number(environment, launcher.localRank)));
            }
        }
        return Optional.empty();
    }

    private static int number(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value != null && NUMBER.matcher(value).matches() ? Integer.parseInt(value) : -1;
    }
}

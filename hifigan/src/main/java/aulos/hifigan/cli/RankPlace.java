// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.BackendProvider;
import aulos.engine.Backends;
import aulos.hifigan.train.ranks.Launch;
import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a rank runs, and what of the machine is its own.
 *
 * @param local its number among the ranks on its machine, from 0
 * @param sharers how many ranks, itself included, may run on the cores that it may run on
 */
record RankPlace(int local, int sharers) {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String AUTO = "auto";
    private static final String CPU = "cpu";

    /** Asks the other ranks; all call it. */
    static RankPlace of(Ranks ranks, Launch launch) throws IOException {
        String machine = Files.isReadable(BOOT) ? Files.readString(BOOT).strip() : "this";
        String cores = Files.isReadable(STATUS) ? Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("Cpus_allowed:")).findFirst().orElse("") : "";
        List<String> all = ranks.gather((machine + "\n" + cores).getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
        int before = (int) all.subList(0, ranks.rank()).stream().filter(other -> other.startsWith(machine + "\n")).count();
        String mine = all.get(ranks.rank());
        return new RankPlace(launch.localRank() >= 0 ? launch.localRank() : before,
                (int) all.stream().filter(mine::equals).count());
    }

    /** Threads for {@code cores} cores that the ranks here share. */
    int threads(int cores) {
        return Math.max(1, cores / sharers);
    }

    /**
     * The one device of those that {@code --device} leaves to choose from: the local rank's.
     *
     * @throws IllegalStateException if there are fewer than ranks
     */
    String device(String asked) {
        int colon = asked.indexOf(':');
        if (colon >= 0) {
            String[] indices = asked.substring(colon + 1).split(",", -1);
            return asked.substring(0, colon + 1) + indices[required("--device " + asked + " names", indices.length)];
        }
        List<BackendProvider> candidates = Backends.providers().stream()
                .filter(provider -> asked.equals(AUTO) ? provider.preference() >= 0 : provider.name().equals(asked))
                .filter(RankPlace::hasDevices).toList();
        if (candidates.isEmpty() || candidates.getFirst().name().equals(CPU)) {
            return candidates.isEmpty() ? asked : CPU;
        }
        BackendProvider chosen = candidates.getFirst();
        return chosen.name() + ":" + required(chosen.name() + " has", chosen.devices().size());
    }

    private int required(String who, int count) {
        if (local >= count) {
            throw new IllegalStateException(who + " " + count + (count == 1 ? " device" : " devices")
                    + ", expected one for each rank on this machine, of which this is number " + (local + 1));
        }
        return local;
    }

    private static boolean hasDevices(BackendProvider provider) {
        try {
            return !provider.devices().isEmpty();
        } catch (IllegalStateException absent) {
            return false;
        }
    }
}

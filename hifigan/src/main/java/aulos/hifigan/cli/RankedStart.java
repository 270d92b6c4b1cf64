// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.train.ranks.Launch;
import aulos.hifigan.train.ranks.Ranks;
import aulos.hifigan.train.ranks.RanksProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** How the ranks of one training begin together: each connected, none with a mistake of its own, all with the same run. */
final class RankedStart {
    private final Ranks ranks;

    RankedStart(Ranks ranks) {
        this.ranks = ranks;
    }

    /**
     * Connects this process with the others that the launcher has started.
     *
     * @param console for lines for people, on rank 0
     * @throws IllegalStateException if this program was built without, or the machine has no MPI; says which
     */
    static Ranks connect(Launch launch, boolean halfPrecision, Consumer<String> console) {
        RanksProvider provider = ServiceLoader.load(RanksProvider.class).findFirst().orElseThrow(
                () -> new IllegalStateException("started by " + launch.launcher() + " as one of " + launch.count()
                        + " processes, but MPI is not in this jar: build it with 'mvn -Pcluster package -DskipTests', and"
                        + " start ./aulos of the source tree"));
        return provider.connect(launch, halfPrecision, launch.rank() == 0 ? console
                : line -> System.err.println("aulos: " + line));
    }

    /** Something that may fail on some ranks only. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * What {@code work} gives on this rank. All ranks call it; if it fails on one, it fails on all.
     *
     * @throws IllegalStateException if it did on another; names the first that did
     */
    <T> T together(Work<T> work) throws IOException {
        T result = null;
        Exception failure = null;
        try {
            result = work.run();
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        String mine = failure == null ? "" : Errors.message(failure);
        List<String> all = ranks.gather(mine.getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
        switch (failure) {
            case null -> {
                for (int rank = 0; rank < all.size(); rank++) {
                    if (!all.get(rank).isEmpty()) {
                        throw new IllegalStateException("rank " + rank + ": " + all.get(rank));
                    }
                }
                return result;
            }
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    /**
     * Compares what must be the same everywhere.
     *
     * @throws IllegalStateException if something is not, on all ranks; names it, and the first rank that differs from 0
     */
    void requireSame(Map<String, String> identity) {
        List<String> all = ranks.gather(String.join("\n", identity.values()).getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
        String[] first = all.getFirst().split("\n", -1);
        List<String> names = List.copyOf(identity.keySet());
        for (int rank = 1; rank < all.size(); rank++) {
            String[] other = all.get(rank).split("\n", -1);
            int differs = Arrays.mismatch(first, other);
            if (differs >= 0) {
                throw new IllegalStateException("the " + names.get(Math.min(differs, names.size() - 1)) + " of rank " + rank
                        + " differs from rank 0's (" + hash(other, differs) + " against " + hash(first, differs)
                        + "), expected the same on all ranks");
            }
        }
    }

    private static String hash(String[] hashes, int index) {
        String text = index < hashes.length ? Objects.requireNonNull(hashes[index]) : "";
        return text.isEmpty() ? "none" : text.substring(0, Math.min(8, text.length()));
    }

    /** Shows on rank 0 what each rank has to say. */
    void introduce(String line, Consumer<String> console) {
        List<byte[]> all = ranks.gather(line.getBytes(StandardCharsets.UTF_8));
        for (int rank = 0; rank < all.size() && ranks.isFirst(); rank++) {
            console.accept("rank " + rank + ": " + new String(all.get(rank), StandardCharsets.UTF_8));
        }
    }
}

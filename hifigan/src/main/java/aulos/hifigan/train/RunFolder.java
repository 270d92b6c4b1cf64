// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder that a run writes to; locked while this is open, so that two runs do not share it. A checkpoint of step n
 * is {@code g_n}, {@code do_n}, and beside the official pair {@code position_n.json} and, with averaging,
 * {@code ema_n}. The pair's files are written last, g_ after do_: once g_ is there the checkpoint is whole. Resuming and
 * deleting both count pairs: a file of a pair that lacks the other is no checkpoint.
 */
final class RunFolder implements AutoCloseable {
    /** Some programs add one to the official names; a checkpoint that we write has none. */
    static final List<String> SUFFIXES = List.of("", ".pt", ".pth");

    private static final Pattern NUMBERED = Pattern.compile("([a-z]+_(\\d{8,18}))(\\.[a-z]+)?");
    private static final String LOCK = ".lock";

    private final Path folder;
    private final FileChannel lockFile;

    private RunFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /**
     * Makes the folder if need be, and removes what a killed run has left half-written.
     *
     * @throws IOException if another run has it open, or it cannot be written to
     */
    static RunFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException(folder + ": another run is writing here");
        }
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ".aulos-*.tmp")) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
        return new RunFolder(folder, channel);
    }

    Path folder() {
        return folder;
    }

    static String name(String prefix, long step) {
        return String.format(Locale.ROOT, "%s_%08d", prefix, step);
    }

    Path generator(long step) {
        return checkpoint(folder, name("g", step));
    }

    Path rest(long step) {
        return checkpoint(folder, name("do", step));
    }

    Path average(long step) {
        return checkpoint(folder, name("ema", step));
    }

    /** The file of this name that is there, with one of the {@link #SUFFIXES}, or the one to write. */
    static Path checkpoint(Path folder, String name) {
        return SUFFIXES.stream().map(suffix -> folder.resolve(name + suffix)).filter(Files::exists).findFirst()
                .orElse(folder.resolve(name));
    }

    Path position(long step) {
        return folder.resolve(name("position", step) + ".json");
    }

    /**
     * The step of the newest complete pair, or none if there is no checkpoint at all.
     *
     * @throws IOException if there are {@code g_} and {@code do_} files, but none of the same step
     */
    Optional<Long> newest() throws IOException {
        NavigableSet<Long> pairs = pairs();
        if (!pairs.isEmpty()) {
            return Optional.of(pairs.last());
        }
        NavigableSet<Long> generators = steps("g", SUFFIXES);
        NavigableSet<Long> rests = steps("do", SUFFIXES);
        if (!generators.isEmpty() && !rests.isEmpty()) {
            throw new IOException(folder + ": " + generator(generators.last()).getFileName() + " and "
                    + rest(rests.last()).getFileName() + " are of different steps, expected a pair of the same");
        }
        if (!generators.isEmpty()) {
            throw new IOException(folder + ": has " + generator(generators.last()).getFileName()
                    + " without a do_ file of the same step; to start from its weights, give it with --init-from and"
                    + " another --out");
        }
        // A do_ file alone is what a run that was killed at its first checkpoint leaves.
        return Optional.empty();
    }

    /** The steps of which there are both files. */
    private NavigableSet<Long> pairs() throws IOException {
        NavigableSet<Long> pairs = steps("g", SUFFIXES);
        pairs.retainAll(steps("do", SUFFIXES));
        return pairs;
    }

    private NavigableSet<Long> steps(String prefix, List<String> suffixes) throws IOException {
        NavigableSet<Long> steps = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "_*")) {
            for (Path file : files) {
                Matcher matcher = NUMBERED.matcher(file.getFileName().toString());
                // Only as this class names it itself: it builds the path from the number again.
                String suffix = matcher.matches() ? Objects.requireNonNullElse(matcher.group(3), "") : null;
                if (suffix != null && suffixes.contains(suffix)
                        && name(prefix, Long.parseLong(matcher.group(2))).equals(matcher.group(1))) {
                    steps.add(Long.parseLong(matcher.group(2)));
                }
            }
        }
        return steps;
    }

    /**
     * Deletes all pairs but the newest {@code keep} and the one just written, and what an earlier deletion that was cut
     * short has left; of each pair the g_ file first, since it makes it whole. A g_ file alone stays: somebody wants its
     * weights.
     *
     * @param written the step of the pair just written, which stays even if there are newer ones
     */
    void prune(int keep, long written) throws IOException {
        NavigableSet<Long> pairs = pairs();
        if (pairs.size() <= keep) {
            return;
        }
        NavigableSet<Long> kept = new TreeSet<>(pairs.descendingSet().stream().limit(keep).toList());
        kept.add(written);
        NavigableSet<Long> old = new TreeSet<>(steps("do", SUFFIXES));
        old.addAll(steps("ema", SUFFIXES));
        old.addAll(steps("position", List.of(".json")));
        old.removeAll(steps("g", SUFFIXES));
        old = new TreeSet<>(old.headSet(kept.first()));
        old.addAll(pairs);
        old.removeAll(kept);
        for (long step : old) {
            for (Path file : List.of(generator(step), rest(step), average(step), position(step))) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}

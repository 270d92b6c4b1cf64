// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Counts broken clips, says each once, and stops the run when they are more than a hundredth. For any threads. */
final class ClipProblems {
    private static final int STOP_FRACTION = 100;

    private final int clips;
    private final Consumer<String> say;
    private final Set<Clip> broken = ConcurrentHashMap.newKeySet();
    private final Set<Clip> noted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean doubtSaid = new AtomicBoolean();

    /**
     * @param clips how many there are
     * @param say takes a line for people, from any thread
     */
    ClipProblems(int clips, Consumer<String> say) {
        this.clips = clips;
        this.say = say;
    }

    boolean isBroken(Clip clip) {
        return broken.contains(clip);
    }

    int count() {
        return broken.size();
    }

    boolean areTooMany(int count) {
        return (long) count * STOP_FRACTION > clips;
    }

    /** @throws IOException if this makes it more than a hundredth of all clips */
    void broken(Clip clip, Exception reason) throws IOException {
        if (broken.add(clip)) {
            say.accept("broken clip skipped: " + reason.getMessage());
        }
        if (areTooMany(broken.size())) {
            throw new IOException(broken.size() + " of " + clips + " clips are broken, more than 1%; the last: "
                    + reason.getMessage(), reason);
        }
    }

    /** As {@link #broken}, for what another process has read, and has told people of. */
    void foundElsewhere(Clip clip) throws IOException {
        broken.add(clip);
        if (areTooMany(broken.size())) {
            throw new IOException(broken.size() + " of " + clips + " clips are broken, more than 1%; the last: "
                    + clip.audio());
        }
    }

    /** What does not stop a run; said of the first file. */
    void doubtful(Path file, String doubt) {
        if (doubtSaid.compareAndSet(false, true)) {
            say.accept(file + ": " + doubt + " (if it is so of others, it is not said again)");
        }
    }

    void say(String line) {
        say.accept(line);
    }

    /** @param note what is wrong with a clip that is used all the same, or null */
    void noted(Clip clip, String note) {
        if (note != null && noted.add(clip)) {
            say.accept(clip.audio() + ": " + note);
        }
    }
}

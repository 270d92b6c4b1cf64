// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Counts broken clips of one kind, says each once, and stops the run when they are more than a hundredth. For any threads.
 */
final class ClipProblems {
    private static final int STOP_FRACTION = 100;

    private final String kind;
    private final int clips;
    private final Consumer<String> say;
    private final Set<Clip> broken = ConcurrentHashMap.newKeySet();
    private final Set<Clip> noted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean doubtSaid = new AtomicBoolean();

    /**
     * @param kind what messages call them, as in {@code training clips}
     * @param clips how many there are
     * @param say takes a line for people, from any thread
     */
    ClipProblems(String kind, int clips, Consumer<String> say) {
        this.kind = kind;
        this.clips = clips;
        this.say = say;
    }

    boolean isBroken(Clip clip) {
        return broken.contains(clip);
    }

    int count() {
        return broken.size();
    }

    /** @throws IOException if this makes it more than a hundredth of all clips: then none of them is said to be skipped */
    synchronized void broken(Clip clip, Exception reason) throws IOException {
        boolean isNew = broken.add(clip);
        stopIfTooMany(broken.size(), "the last: " + reason.getMessage(), reason);
        if (isNew) {
            say.accept("one of the " + kind + " is broken, and skipped: " + reason.getMessage());
        }
    }

    /** As {@link #broken}, for what another process has read, and has told people of. */
    synchronized void foundElsewhere(Clip clip) throws IOException {
        broken.add(clip);
        stopIfTooMany(broken.size(), "the last: " + clip.audio(), null);
    }

    /**
     * What was found before any is skipped.
     *
     * @throws IOException if so many broken clips are too many
     */
    void stopIfTooMany(int count, String example, Exception reason) throws IOException {
        if ((long) count * STOP_FRACTION > clips) {
            throw new IOException(count + " of " + clips + " " + kind + (count == 1 ? " is" : " are")
                    + " broken, more than 1%; " + example, reason);
        }
    }

    /** How many were skipped, for people; null if none was. */
    String summary() {
        int count = broken.size();
        return count == 0 ? null : count + " of " + clips + " " + kind + (count == 1 ? " is" : " are")
                + " broken and " + (count == 1 ? "was" : "were") + " skipped";
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

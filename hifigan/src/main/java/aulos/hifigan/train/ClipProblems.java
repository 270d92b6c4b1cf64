// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.io.IOException;
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
    private final AtomicBoolean resamplingSaid = new AtomicBoolean();

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

    /** @throws IOException if this makes it more than a hundredth of all clips */
    void broken(Clip clip, Exception reason) throws IOException {
        if (broken.add(clip)) {
            say.accept("broken clip skipped: " + reason.getMessage());
        }
        if (areTooMany()) {
            throw new IOException(broken.size() + " of " + clips + " clips are broken, more than 1%; the last: "
                    + reason.getMessage(), reason);
        }
    }

    /** As {@link #broken}, for what another process has read, and has told people of. */
    void foundElsewhere(Clip clip) throws IOException {
        broken.add(clip);
        if (areTooMany()) {
            throw new IOException(broken.size() + " of " + clips + " clips are broken, more than 1%; the last: "
                    + clip.audio());
        }
    }

    private boolean areTooMany() {
        return (long) broken.size() * STOP_FRACTION > clips;
    }

    void resampled(Clip clip, int fileRate, int rate) {
        if (fileRate != rate && resamplingSaid.compareAndSet(false, true)) {
            say.accept(clip.audio() + " is at " + fileRate + " Hz: it and all others that are not at " + rate
                    + " Hz are resampled");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.util.function.LongSupplier;

/**
 * When a session of limited time has to stop making steps: as long before the end as its slowest step of late, a validation
 * and a checkpoint have taken. The latter two count with a guess until they have been measured.
 */
final class TimeLimit {
    /** A validation and a checkpoint together, in seconds, before there has been one. */
    private static final double GUESS = 10;

    /** The first step waits for compilers, so what a step took is forgotten slowly. */
    private static final double FADING = 0.9;

    private final LongSupplier clock;
    private final long start;
    private final double seconds;
    private double step;
    private double ending;

    /** @param clock nanoseconds, as {@code System.nanoTime} */
    TimeLimit(double minutes, LongSupplier clock) {
        this.clock = clock;
        start = clock.getAsLong();
        seconds = 60 * minutes;
        ending = Math.min(GUESS, seconds / 4);
    }

    void stepTook(double took) {
        step = Math.max(FADING * step, took);
    }

    void endingTook(double took) {
        ending = Math.max(ending, took);
    }

    /** Whether there is no time for another step. */
    boolean isReached() {
        return (clock.getAsLong() - start) / 1e9 + step + ending > seconds;
    }
}

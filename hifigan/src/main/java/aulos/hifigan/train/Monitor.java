// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

/** Who watches a run, and may end it. */
public interface Monitor {
    /** A line for people; from any thread. */
    void say(String line);

    /**
     * The run is about to start.
     *
     * @param remaining steps it will make, or {@link Long#MAX_VALUE} if that is unknown
     */
    void starts(long remaining);

    /** A step was made. */
    void stepped(double seconds);

    /** Whether the run is to save and end after the present step; asked before each. */
    boolean stopRequested();
}

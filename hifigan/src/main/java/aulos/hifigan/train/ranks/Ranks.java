// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.ranks;

import java.util.List;
import java.util.concurrent.Future;

/**
 * The processes that train one model together, numbered from 0. All of them call the methods that say so in the same order;
 * of each process it is one thread that does.
 */
public interface Ranks extends AutoCloseable {
    /** A process of its own. */
    Ranks ALONE = new Alone();

    /** The number of this process. */
    int rank();

    /** How many there are. */
    int count();

    /** What each of all ranks has given here, in their order. All call it, and it waits for all. */
    List<byte[]> gather(byte[] mine);

    /** Replaces the values by those that rank 0 has given. All call it, with as many values, and it waits for rank 0. */
    void broadcast(float[] values);

    /**
     * Begins to replace the values by their means over all ranks, and returns at once. All call it, with arrays of the same
     * lengths. Every rank gets the same bits, and gets them again when the same values are given again.
     *
     * @param arrays not to be touched until the result is done
     */
    Future<?> mean(List<float[]> arrays);

    /** Shows a line to people: on rank 0's console, whichever rank says it. */
    void say(String line);

    /** What was sent, and how long this rank waited for it, in a line for people; empty if nothing was. */
    String summary();

    /** Ends all ranks, with exit code 1 and a line that says what happened to this one. */
    void abandon(String message);

    /** Waits until all ranks call it. After {@link #abandon} or an exception there is no need to. */
    @Override
    void close();

    /** Whether this rank writes what only one may: files, and lines for people. */
    default boolean isFirst() {
        return rank() == 0;
    }
}

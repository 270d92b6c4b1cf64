// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.List;

/** Makes backends of one kind available by name; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {

    /** What {@code --device} calls this kind, e.g. {@code cpu}. */
    String name();

    /**
     * Higher is tried first for {@code --device auto}; negative is never chosen by itself. It may look at the devices that
     * are there, so it may take a moment.
     */
    int preference();

    /**
     * One line for each device of this kind that is there.
     *
     * @throws IllegalStateException if none can be had, with a message that says why
     */
    List<String> devices();

    /**
     * Opens a device.
     *
     * @param index into {@link #devices}
     * @throws IllegalStateException if it cannot be had, with a message that says why
     */
    Backend open(int index);

    /**
     * Opens a device; if {@code exact}, without algorithms that are faster than the formula at the cost of a digit. A
     * backend that has no such algorithms need not tell the two apart.
     */
    default Backend open(int index, boolean exact) {
        return open(index);
    }

    /** Opens the first device for work beside that of other threads: on one core, if it is a matter of cores. */
    default Backend openOnOneThread() {
        return open(0);
    }

    /**
     * Does beforehand what a first run would wait for, such as having the JVM compile loops. Threads that call this at the
     * same time share the work, and nothing depends on it but the time.
     */
    default void warmUp() {}
}

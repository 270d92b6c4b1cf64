// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/** Memory kept from one kernel to the next, some for each worker, some that all share; it grows to the largest need. */
public final class Scratch {
    /**
     * Where the values of an array that vectors run along begin, for a vector not to lie in two cache lines: behind 16
     * bytes of header and 48 more, if objects lie at multiples of 64 (-XX:ObjectAlignmentInBytes=64); else it is a place
     * like any other.
     */
    public static final int ORIGIN = 12;
    private static final int SLOTS = Slot.values().length;

    private final float[][] arrays;
    /** What to pass as the worker for an array that all of them read. */
    public final int shared;

    public Scratch(int threads) {
        shared = threads;
        arrays = new float[(threads + 1) * SLOTS][0];
    }

    /** An array of at least {@code length} behind {@link #ORIGIN}, with whatever was left in it. */
    public float[] array(int worker, Slot slot, int length) {
        int index = worker * SLOTS + slot.ordinal();
        if (arrays[index].length < ORIGIN + length) {
            arrays[index] = new float[ORIGIN + length];
        }
        return arrays[index];
    }
}

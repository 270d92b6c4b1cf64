// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** Memory kept from one kernel to the next, some for each worker, some that all share; it grows to the largest need. */
final class Scratch {
    /**
     * Where the values of an array that vectors run along begin, for a vector not to lie in two cache lines: behind 16
     * bytes of header and 48 more, if objects lie at multiples of 64 (-XX:ObjectAlignmentInBytes=64); else it is a place
     * like any other.
     */
    static final int ORIGIN = 12;
    private static final int SLOTS = 8;

    private final float[][] arrays;
    /** What to pass as the worker for an array that all of them read. */
    final int shared;

    Scratch(int threads) {
        shared = threads;
        arrays = new float[(threads + 1) * SLOTS][0];
    }

    /** An array of at least {@code length} behind {@link #ORIGIN}, with whatever was left in it. */
    float[] array(int worker, int slot, int length) {
        int index = worker * SLOTS + slot;
        if (arrays[index].length < ORIGIN + length) {
            arrays[index] = new float[ORIGIN + length];
        }
        return arrays[index];
    }
}

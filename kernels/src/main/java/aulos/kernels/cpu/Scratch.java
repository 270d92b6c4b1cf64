// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** Memory kept from one kernel to the next, some for each worker, some that all share; it grows to the largest need. */
final class Scratch {
    private static final int SLOTS = 8;

    private final float[][] arrays;
    /** What to pass as the worker for an array that all of them read. */
    final int shared;

    Scratch(int threads) {
        shared = threads;
        arrays = new float[(threads + 1) * SLOTS][0];
    }

    /** An array of at least {@code length}, with whatever was left in it. */
    float[] array(int worker, int slot, int length) {
        int index = worker * SLOTS + slot;
        if (arrays[index].length < length) {
            arrays[index] = new float[length];
        }
        return arrays[index];
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

/** Memory that each worker keeps for itself from one kernel to the next; it grows to the largest need. */
final class Scratch {
    private static final int SLOTS = 3;

    private final float[][] arrays;

    Scratch(int threads) {
        arrays = new float[threads * SLOTS][0];
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

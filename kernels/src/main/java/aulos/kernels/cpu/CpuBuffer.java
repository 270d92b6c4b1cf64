// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend;

/**
 * A {@code float[]} from the pool, at least {@code length} long. A buffer is written once, by the kernel whose output it
 * is, so a derived form of its content (weights packed for a convolution) can be kept beside it until it is freed.
 */
final class CpuBuffer implements Backend.Buffer {
    final float[] values;
    private final int length;
    private Object derivedKey;
    private float[] derived;

    CpuBuffer(float[] values, int length) {
        this.values = values;
        this.length = length;
    }

    @Override
    public int length() {
        return length;
    }

    /** The array kept for {@code key}, or null. One array is kept; a buffer has one use as packed weights. */
    float[] derived(Object key) {
        return key.equals(derivedKey) ? derived : null;
    }

    void keepDerived(Object key, float[] array) {
        derivedKey = key;
        derived = array;
    }

    /** To be called whenever the content changes. */
    void dropDerived() {
        derivedKey = null;
        derived = null;
    }
}

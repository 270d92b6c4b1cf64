// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import aulos.engine.Backend;

/**
 * A {@code float[]} from the pool, at least {@code length} long. A buffer is written once, by the kernel whose output it
 * is, so a derived form of its content (weights packed for a convolution) can be kept beside it until it is freed.
 */
public final class CpuBuffer implements Backend.Buffer {
    /** Null until there is something to be kept: see {@link BufferPool#reserve}. */
    public float[] values;
    private final int length;
    private Object derivedKey;
    private CpuBuffer derived;

    public CpuBuffer(float[] values, int length) {
        this.values = values;
        this.length = length;
    }

    public static float[] values(Backend.Operand operand) {
        return ((CpuBuffer) operand.buffer()).values;
    }

    @Override
    public int length() {
        return length;
    }

    /** What is kept for {@code key}, or null. One buffer is kept; weights have one use at a time. */
    public CpuBuffer derived(Object key) {
        return key.equals(derivedKey) ? derived : null;
    }

    /** Keeps another, or with null none; returns the one kept before, or null, for the pool to have back. */
    public CpuBuffer keepDerived(Object key, CpuBuffer buffer) {
        CpuBuffer before = derived;
        derivedKey = key;
        derived = buffer;
        return before;
    }
}

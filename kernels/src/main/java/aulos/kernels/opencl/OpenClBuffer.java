// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import org.jocl.cl_mem;

/**
 * Device memory from the pool for at least {@code length} floats. A derived form of its content (weights packed for a
 * convolution) can be kept beside it until it is written to or freed.
 */
final class OpenClBuffer implements Backend.Buffer {
    final DevicePool.Piece piece;
    final cl_mem memory;
    private final int length;
    private final int capacity;
    private Object derivedKey;
    private OpenClBuffer derived;

    OpenClBuffer(DevicePool.Piece piece, int length, int capacity) {
        this.piece = piece;
        this.memory = piece.memory();
        this.length = length;
        this.capacity = capacity;
    }

    @Override
    public int length() {
        return length;
    }

    /** How many floats the memory holds. */
    int capacity() {
        return capacity;
    }

    /** What is kept for {@code key}, or null. One buffer is kept; weights have one use at a time. */
    OpenClBuffer derived(Object key) {
        return key.equals(derivedKey) ? derived : null;
    }

    /** Keeps another, or with null none; returns the one kept before, or null, for the pool to have back. */
    OpenClBuffer keepDerived(Object key, OpenClBuffer buffer) {
        OpenClBuffer before = derived;
        derivedKey = key;
        derived = buffer;
        return before;
    }
}

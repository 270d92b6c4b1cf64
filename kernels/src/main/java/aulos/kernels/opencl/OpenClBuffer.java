// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import org.jocl.cl_mem;

/** Device memory from the pool for at least {@code length} floats. */
final class OpenClBuffer implements Backend.Buffer {
    final cl_mem memory;
    private final int length;
    private final int capacity;

    OpenClBuffer(cl_mem memory, int length, int capacity) {
        this.memory = memory;
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
}

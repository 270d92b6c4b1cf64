// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory to send from and receive in, which grows as needed and is used for one thing after the other. */
final class Staging {
    private Arena arena = Arena.ofShared();
    private MemorySegment memory = MemorySegment.NULL;

    /** At least as many bytes as asked for; what was there before is gone. */
    MemorySegment of(long bytes) {
        if (memory.byteSize() < bytes) {
            arena.close();
            arena = Arena.ofShared();
            memory = arena.allocate(bytes, 64);
        }
        return memory;
    }
}

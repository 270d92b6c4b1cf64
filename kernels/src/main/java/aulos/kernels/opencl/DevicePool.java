// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.kernels.SizeClass;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jocl.cl_mem;

/**
 * Recycles device memory: drivers take long to hand it out, and a step asks for the same sizes again and again. What waits
 * for reuse is let go when the device has no more. The queue is in order, so memory may be given to the next tensor while
 * a kernel that reads the last is still waiting.
 */
final class DevicePool {
    private final Queue queue;
    private final Set<OpenClBuffer> live = new HashSet<>();
    /**
     * Free memory by length. The oldest comes first, in whatever order it was given back: so a pass that asks for the same
     * again gets the same again, and its launches are those of the last pass.
     */
    private final Map<Integer, PriorityQueue<Piece>> free = new HashMap<>();
    private int pieces;
    private long liveBytes;
    private long pooledBytes;
    private int derivedBuffers;

    /** Device memory with its number. */
    record Piece(int number, cl_mem memory) {}

    DevicePool(Queue queue) {
        this.queue = queue;
    }

    /** What is kept beside other buffers does not count. */
    int liveBuffers() {
        return live.size() - derivedBuffers;
    }

    long liveBytes() {
        return liveBytes;
    }

    long pooledBytes() {
        return pooledBytes;
    }

    /**
     * A buffer with undefined content.
     *
     * @throws OpenClException that says how much was wanted and how much there is, if the device has no room even after
     *     {@link #trim}
     */
    OpenClBuffer take(int length) {
        int capacity = SizeClass.of(length);
        PriorityQueue<Piece> waiting = free.get(capacity);
        Piece piece = waiting == null ? null : waiting.poll();
        if (piece == null) {
            piece = new Piece(pieces++, allocate(capacity));
        } else {
            pooledBytes -= bytes(capacity);
        }
        OpenClBuffer buffer = new OpenClBuffer(piece, length, capacity);
        live.add(buffer);
        liveBytes += bytes(capacity);
        return buffer;
    }

    /** @throws IllegalStateException if the buffer is not live: freed twice, or of another backend */
    void give(OpenClBuffer buffer) {
        if (live.contains(buffer)) {
            dropDerived(buffer);
        }
        if (!live.remove(buffer)) {
            throw new IllegalStateException("free: the buffer of " + buffer.length()
                    + " floats is not live on this opencl device: freed twice, or allocated by another");
        }
        liveBytes -= bytes(buffer.capacity());
        pooledBytes += bytes(buffer.capacity());
        free.computeIfAbsent(buffer.capacity(), size -> new PriorityQueue<>(Comparator.comparingInt(Piece::number)))
                .add(buffer.piece);
    }

    /** Frees what is kept beside the buffer: its content changes. */
    void dropDerived(OpenClBuffer buffer) {
        keepDerived(buffer, null, null);
    }

    /** Keeps {@code derived} beside {@code buffer}, and frees what was there before. */
    void keepDerived(OpenClBuffer buffer, Object key, OpenClBuffer derived) {
        OpenClBuffer before = buffer.keepDerived(key, derived);
        derivedBuffers += (derived == null ? 0 : 1) - (before == null ? 0 : 1);
        if (before != null) {
            give(before);
        }
    }

    /** Lets go of everything that waits for reuse. */
    void trim() {
        free.values().forEach(waiting -> waiting.forEach(piece -> queue.release(piece.memory)));
        free.clear();
        pooledBytes = 0;
    }

    /** Releases live memory too: for when the device closes. */
    void clear() {
        trim();
        live.forEach(buffer -> queue.release(buffer.memory));
        live.clear();
        derivedBuffers = 0;
        liveBytes = 0;
    }

    private cl_mem allocate(int capacity) {
        DeviceInfo device = queue.device();
        if (liveBytes + pooledBytes + bytes(capacity) > device.memory()) {
            trim();
        }
        try {
            return queue.allocate(bytes(capacity));
        } catch (OpenClException full) {
            trim();
            // Memory in use by what still runs comes back only when that is done.
            queue.finish();
        }
        try {
            return queue.allocate(bytes(capacity));
        } catch (OpenClException full) {
            OpenClException explained = new OpenClException("opencl: no room for a buffer of " + capacity + " floats ("
                    + mebibytes(bytes(capacity)) + ") beside " + mebibytes(liveBytes) + " in live buffers; " + device.name()
                    + " has " + mebibytes(device.memory()) + ", at most " + mebibytes(device.maxAllocation())
                    + " in one buffer (" + full.getMessage() + ")", full.code());
            explained.initCause(full);
            throw explained;
        }
    }

    private static long bytes(int floats) {
        return (long) Float.BYTES * floats;
    }

    private static String mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20) + " MiB";
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import aulos.kernels.SizeClass;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Recycles {@code float[]}s: a training step allocates the same sizes again and again, and the JVM would zero each
 * anew. Lengths are rounded up to one of eight sizes per octave, which wastes less than an eighth. What waits for reuse
 * is bounded: beyond the cap the sizes that were longest out of use go first. For one thread at a time.
 */
public final class BufferPool {
    /** Unreachable memory that may pile up before a new array. */
    private static final long GARBAGE = 512L << 20;

    private final long capBytes;
    private final Set<CpuBuffer> live = new HashSet<>();
    /** Free arrays by length, the length that was longest out of use first. */
    private final LinkedHashMap<Integer, ArrayDeque<float[]>> free = new LinkedHashMap<>(64, 0.75f, true);
    private long liveBytes;
    private long pooledBytes;
    /** What survived the last collection beside this pool's arrays. */
    private long otherBytes;

    /** @param capBytes how much may wait for reuse */
    public BufferPool(long capBytes) {
        this.capBytes = capBytes;
    }

    public int liveBuffers() {
        return live.size();
    }

    public long liveBytes() {
        return liveBytes;
    }

    public long pooledBytes() {
        return pooledBytes;
    }

    /**
     * A buffer with undefined content.
     *
     * @throws OutOfMemoryError that says how much was asked for, if the heap has no room even after {@link #trim}
     */
    public CpuBuffer take(int length) {
        CpuBuffer buffer = reserve(length);
        back(buffer);
        return buffer;
    }

    /** A buffer without memory, until {@link #back} gives it some. */
    public CpuBuffer reserve(int length) {
        CpuBuffer buffer = new CpuBuffer(null, length);
        live.add(buffer);
        return buffer;
    }

    /**
     * Gives a reserved buffer its memory, with undefined content.
     *
     * @throws OutOfMemoryError as {@link #take} does
     */
    public void back(CpuBuffer buffer) {
        int size = SizeClass.of(buffer.length());
        ArrayDeque<float[]> waiting = free.get(size);
        float[] values = waiting == null ? null : waiting.pollLast();
        if (values == null) {
            values = allocate(size);
        } else {
            pooledBytes -= bytes(values);
        }
        buffer.values = values;
        liveBytes += bytes(values);
    }

    /** @throws IllegalStateException if the buffer is not live: freed twice, or of another backend */
    public void give(CpuBuffer buffer) {
        if (!live.remove(buffer)) {
            throw new IllegalStateException("free: the buffer of " + buffer.length()
                    + " floats is not live on this cpu backend: freed twice, or allocated by another");
        }
        dropDerived(buffer);
        float[] values = buffer.values;
        if (values == null) {
            return;
        }
        liveBytes -= bytes(values);
        free.computeIfAbsent(values.length, size -> new ArrayDeque<>()).addLast(values);
        pooledBytes += bytes(values);
        shrinkTo(capBytes);
    }

    /** Frees what is kept beside a buffer, because its content changes or it is freed itself. */
    public void dropDerived(CpuBuffer buffer) {
        keepDerived(buffer, null, null);
    }

    /** Keeps {@code derived} beside {@code buffer}, and frees what was there before. */
    public void keepDerived(CpuBuffer buffer, Object key, CpuBuffer derived) {
        CpuBuffer before = buffer.keepDerived(key, derived);
        if (before != null) {
            give(before);
        }
    }

    /** Lets go of everything that waits for reuse, and of it the heap too if it is much. */
    public void trim() {
        shrinkTo(0);
        collectGarbage();
    }

    private void shrinkTo(long limit) {
        var sizes = free.entrySet().iterator();
        while (pooledBytes > limit && sizes.hasNext()) {
            Map.Entry<Integer, ArrayDeque<float[]>> eldest = sizes.next();
            ArrayDeque<float[]> waiting = eldest.getValue();
            while (pooledBytes > limit && !waiting.isEmpty()) {
                pooledBytes -= bytes(waiting.pollFirst());
            }
            if (waiting.isEmpty()) {
                sizes.remove();
            }
        }
    }

    /**
     * A heap grows as long as it may before all of it is collected: what loading a model leaves behind would stay for the
     * whole training. A step that allocates nothing new never comes here.
     */
    private void collectGarbage() {
        if (usedBytes() - otherBytes > GARBAGE) {
            System.gc();
            otherBytes = Math.max(0, usedBytes());
        }
    }

    /** Memory of this JVM that is neither free nor this pool's. */
    private long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() - liveBytes - pooledBytes;
    }

    private float[] allocate(int size) {
        collectGarbage();
        try {
            return new float[size];
        } catch (OutOfMemoryError full) {
            trim();
        }
        try {
            return new float[size];
        } catch (OutOfMemoryError full) {
            OutOfMemoryError explained = new OutOfMemoryError("cpu backend: no room for a buffer of " + size
                    + " floats (" + ((4L * size) >> 20) + " MiB) beside " + (liveBytes >> 20)
                    + " MiB in live buffers; the heap may grow to " + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB (-Xmx)");
            explained.initCause(full);
            throw explained;
        }
    }

    private static long bytes(float[] values) {
        return 4L * values.length;
    }
}

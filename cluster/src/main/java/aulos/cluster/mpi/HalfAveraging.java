// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Averages with half the bytes: values travel as bfloat16, a float32 without its last 16 bits. Each process gets one n-th of
 * the values from all, adds them in float32 in the order of the processes, and gives all the mean; so a value is rounded
 * twice, however many processes there are, and all get the same bits.
 */
final class HalfAveraging implements Averaging {
    private final Staging sent = new Staging();
    private final Staging received = new Staging();
    private final Staging mine = new Staging();

    @Override
    public long mean(Mpi mpi, List<float[]> arrays) {
        int count = mpi.count();
        long length = arrays.stream().mapToLong(array -> array.length).sum();
        // So that all processes have as many; the last ones may average what is nobody's.
        int share = Math.toIntExact((length + count - 1) / count);
        int bytes = Math.multiplyExact(share, Short.BYTES);
        MemorySegment all = sent.of((long) bytes * count);
        long at = 0;
        for (float[] array : arrays) {
            for (float value : array) {
                all.setAtIndex(ValueLayout.JAVA_SHORT, at++, rounded(value));
            }
        }
        while (at < (long) share * count) {
            all.setAtIndex(ValueLayout.JAVA_SHORT, at++, (short) 0);
        }
        MemorySegment parts = received.of((long) bytes * count);
        mpi.exchange(all, bytes, parts);
        MemorySegment means = mine.of(bytes);
        for (int i = 0; i < share; i++) {
            float sum = value(parts.getAtIndex(ValueLayout.JAVA_SHORT, i));
            for (int k = 1; k < count; k++) {
                sum += value(parts.getAtIndex(ValueLayout.JAVA_SHORT, (long) k * share + i));
            }
            means.setAtIndex(ValueLayout.JAVA_SHORT, i, rounded(sum / count));
        }
        mpi.gather(means, bytes, all);
        at = 0;
        for (float[] array : arrays) {
            for (int i = 0; i < array.length; i++) {
                array[i] = value(all.getAtIndex(ValueLayout.JAVA_SHORT, at++));
            }
        }
        return 2L * (count - 1) * bytes;
    }

    /** To the nearest bfloat16, ties to even; NaN stays NaN, and what is too large becomes infinite. */
    static short rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    static float value(short half) {
        return Float.intBitsToFloat(half << 16);
    }
}

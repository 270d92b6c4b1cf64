// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Replaces arrays by their means over all processes. For the thread that calls MPI. */
sealed interface Averaging permits Averaging.Full, HalfAveraging {
    /** @return the bytes that one process sends for it, in the algorithm that sends least: 2·(n − 1)/n of the data */
    long mean(Mpi mpi, List<float[]> arrays);

    /** In float32, summed by MPI: in an order that depends on the number of processes and the length alone. */
    final class Full implements Averaging {
        private final Staging staging = new Staging();

        @Override
        public long mean(Mpi mpi, List<float[]> arrays) {
            int length = Math.toIntExact(arrays.stream().mapToLong(array -> array.length).sum());
            MemorySegment floats = staging.of((long) length * Float.BYTES);
            long offset = 0;
            for (float[] array : arrays) {
                MemorySegment.copy(array, 0, floats, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, array.length);
                offset += array.length;
            }
            mpi.sum(floats, length);
            offset = 0;
            for (float[] array : arrays) {
                MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, array, 0, array.length);
                offset += array.length;
                for (int i = 0; i < array.length; i++) {
                    array[i] /= mpi.count();
                }
            }
            return 2L * (mpi.count() - 1) * length * Float.BYTES / mpi.count();
        }
    }
}

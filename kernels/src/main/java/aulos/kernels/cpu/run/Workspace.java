// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/** The threads and the memory that a kernel runs on. */
public record Workspace(WorkerPool pool, BufferPool buffers, Scratch scratch) {
    public Workspace(WorkerPool pool, BufferPool buffers) {
        this(pool, buffers, new Scratch(pool.threads()));
    }

    /**
     * What a worker's {@link Scratch} arrays hold. An algorithm that is done with one may use it again for something else; none
     * uses what those that call it hold: {@link #PART} and {@link #COPY} belong to helpers of several algorithms, {@link
     * #STREAM} to what runs other algorithms piece by piece.
     */
    public enum Slot {
        /** Samples as they were gathered. */
        SAMPLES,
        /** The same of a gradient. */
        GRADIENT,
        /** Samples of one channel, or a few. */
        LINE,
        /** Of the same size as another, for what cannot be done in place. */
        SPARE,
        /** Samples or weights taken apart into phases. */
        PHASES,
        /** Transformed samples. */
        POINTS,
        /** Transformed or packed weights, or what takes their place in a gradient. */
        WEIGHTS,
        SUMS,
        /** Sums of a piece, before they are added to the others. */
        PART,
        /** Between two steps of a transform. */
        WORK,
        OUTPUT,
        /** A stretch of weights, copied in the order in which they lie. */
        COPY,
        /** Signals between layers. */
        STREAM
    }

    /** Memory kept from one kernel to the next, some for each worker, some that all share; it grows to the largest need. */
    public static final class Scratch {
        /**
         * Where the values of an array that vectors run along begin, for a vector not to lie in two cache lines: behind 16
         * bytes of header and 48 more, if objects lie at multiples of 64 (-XX:ObjectAlignmentInBytes=64); else it is a place
         * like any other.
         */
        public static final int ORIGIN = 12;
        /** Floats of a cache line. */
        private static final int LINE = 16;
        private static final int SLOTS = Slot.values().length;

        private final float[][] arrays;
        /** What to pass as the worker for an array that all of them read. */
        public final int shared;

        public Scratch(int threads) {
            shared = threads;
            arrays = new float[(threads + 1) * SLOTS][0];
        }

        /** An array of at least {@code length} behind {@link #ORIGIN}, with whatever was left in it. */
        public float[] array(int worker, Slot slot, int length) {
            int index = worker * SLOTS + slot.ordinal();
            if (arrays[index].length < ORIGIN + length) {
                arrays[index] = new float[ORIGIN + length];
            }
            return arrays[index];
        }

        /** At least {@code size} floats, and an odd number of cache lines, lest rows compete for the same few sets of a cache. */
        public static int oddLines(int size) {
            return (Math.ceilDiv(size, LINE) | 1) * LINE;
        }
    }
}

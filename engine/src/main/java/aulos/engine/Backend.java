// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/**
 * A device that holds buffers and runs {@link Kernel kernels} on them. Tensors are the way to use one; this
 * interface is what a new device implements.
 *
 * <p>A backend is used by one thread at a time. {@link #run} may return before the work is done; {@link #download} and
 * {@link #sync} wait for it.
 */
public interface Backend extends AutoCloseable {

    /**
     * What the bits of an output depend on.
     *
     * @param before inputs before it, at most
     * @param after inputs after it, at most
     * @param grid its place modulo this; 1 if it may lie anywhere
     */
    record Reach(int before, int after, int grid) {
        /** Of a convolution of stride 1 that is computed as its formula says. */
        public static Reach exact(ConvSpec spec, int kernelSize) {
            return new Reach(spec.padding(), spec.dilation() * (kernelSize - 1) - spec.padding(), 1);
        }
    }

    /** Memory on the device; only the backend that allocated it knows what is inside. */
    interface Buffer {
        /** How many elements it was asked to hold. */
        int length();
    }

    /** A buffer and the shape it is read or written under. */
    record Operand(Shape shape, Buffer buffer) {}

    /** What {@code --device} calls it, e.g. {@code cpu}. */
    String name();

    /** One line for people: the device, its vector width or driver, its threads. */
    String description();

    /** Whether elements are float64 (the reference backend) and not float32. */
    boolean isDouble();

    /**
     * Allocates room for {@code length} elements, with undefined content.
     *
     * @throws OutOfMemoryError or a backend's own exception that says how much was asked for
     */
    Buffer allocate(int length);

    void free(Buffer buffer);

    /** Fills the buffer from the first {@code buffer.length()} values. */
    void upload(Buffer buffer, NdArray source);

    /** The buffer's values under {@code shape}, in the backend's own precision. */
    NdArray download(Buffer buffer, Shape shape);

    void run(Kernel kernel, Operand out, Operand... in);

    /**
     * Runs {@code body}, whose kernels this backend may put off to its end and compute together. Every result is the same,
     * to the last bit; a buffer that is freed inside may never have had any memory.
     */
    default void together(Runnable body) {
        body.run();
    }

    /**
     * Has convolutions round their operands from now on.
     *
     * @throws IllegalStateException if the device cannot, which says why; all can {@link Precision#FLOAT32}
     */
    default void useConvolutionPrecision(Precision precision) {
        if (precision != Precision.FLOAT32) {
            throw new IllegalStateException("precision " + precision + ": " + name()
                    + " computes in its own precision only, an NVIDIA GPU under opencl is needed for others");
        }
    }

    /**
     * What an output of a convolution of stride 1 depends on, rounding included. Algorithms that compute several
     * outputs from common terms see further than the formula, and the same output at another place in such a group has
     * other last bits.
     */
    default Reach reach(ConvSpec spec, Shape weight) {
        return Reach.exact(spec, weight.dim(2));
    }

    /** @throws IllegalStateException if the backend of that name is closed */
    static void requireOpen(boolean closed, String name) {
        if (closed) {
            throw new IllegalStateException(name + ": this backend is closed");
        }
    }

    /** Waits until everything that was started is done. */
    void sync();

    /** Lets go of memory that is kept for reuse: before something large happens outside of this backend. */
    default void trim() {}

    /**
     * Frees the device and all its buffers. Afterwards to free them again is nothing, and to use them or allocate others is
     * an {@link IllegalStateException}.
     */
    @Override
    void close();
}

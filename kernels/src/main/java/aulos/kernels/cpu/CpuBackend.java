// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.kernels.Operands;
import aulos.kernels.cpu.conv.CpuConvolution;
import aulos.kernels.cpu.conv.Deferred;
import aulos.kernels.cpu.kernel.Dft;
import aulos.kernels.cpu.kernel.Matmul;
import aulos.kernels.cpu.kernel.Max;
import aulos.kernels.cpu.kernel.MeanAbsoluteError;
import aulos.kernels.cpu.kernel.Optimizers;
import aulos.kernels.cpu.kernel.Pointwise;
import aulos.kernels.cpu.kernel.RowMoves;
import aulos.kernels.cpu.kernel.Signal;
import aulos.kernels.cpu.kernel.Strided;
import aulos.kernels.cpu.kernel.Sum;
import aulos.kernels.cpu.kernel.WeightNorm;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/**
 * The processor: float32, vector loops (Vector API) on all cores. The same inputs give the same bits, whatever the
 * number of threads. Without the module {@code jdk.incubator.vector}, or with {@code -Daulos.cpu.vector=scalar}, plain
 * loops run. {@link #run} returns when the work is done.
 */
public final class CpuBackend implements Backend {
    private final boolean exact;
    private final WorkerPool workers;
    private final BufferPool buffers = new BufferPool(Runtime.getRuntime().maxMemory() / 2);
    private final CpuConvolution convolution;
    private final WeightNorm weightNorm;
    private final Dft dft = new Dft();
    /** What is put off until the end of {@link #together}; null outside. */
    private Deferred deferred;
    private boolean closed;

    /** On all cores that the JVM sees. */
    public CpuBackend() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /**
     * @param threads how many threads work, the caller's included
     * @throws IllegalArgumentException if there is none, or if the system property {@code aulos.cpu.vector} asks for
     *     what does not exist
     */
    public CpuBackend(int threads) {
        this(threads, false);
    }

    /**
     * As {@link #CpuBackend(int)}; if {@code exact}, every convolution is summed as its formula says, which takes up to
     * twice the time and has a third of the rounding noise.
     */
    public CpuBackend(int threads, boolean exact) {
        if (threads < 1) {
            throw new IllegalArgumentException("cpu backend with " + threads + " threads, expected at least 1");
        }
        if (Simd.PROBLEM != null) {
            throw new IllegalArgumentException(Simd.PROBLEM);
        }
        this.exact = exact;
        workers = new WorkerPool(threads);
        convolution = new CpuConvolution(workers, buffers, exact);
        weightNorm = new WeightNorm(workers, buffers);
    }

    /**
     * Has the JVM compile the vector loops behind a generator's convolutions, which takes a few tenths of a second: until
     * then a vector operation takes a thousand times as long. Threads that call this at the same time share the work, and
     * nothing depends on it but the time.
     */
    public static void warmUp() {
        if (Simd.ENABLED) {
            new LoopWarmUp().run();
        }
    }

    @Override
    public String name() {
        return "cpu";
    }

    /** As in {@code cpu: 512-bit vectors, 2 threads}. */
    @Override
    public String description() {
        return "cpu: " + (Simd.ENABLED ? Simd.WIDTH * Float.SIZE + "-bit vectors" : "plain loops") + ", "
                + workers.threads() + (workers.threads() == 1 ? " thread" : " threads") + (exact ? ", exact" : "");
    }

    @Override
    public boolean isDouble() {
        return false;
    }

    @Override
    public Buffer allocate(int length) {
        Backend.requireOpen(closed, name());
        return deferred == null ? buffers.take(length) : deferred.allocate(length);
    }

    /** @throws IllegalStateException if the buffer is not live: freed twice, or of another backend */
    @Override
    public void free(Buffer buffer) {
        if (deferred == null) {
            buffers.give((CpuBuffer) buffer);
        } else {
            deferred.free((CpuBuffer) buffer);
        }
    }

    /** Convolutions that follow one another are computed piece by piece of the time axis: see {@code ConvStream}. */
    @Override
    public void together(Runnable body) {
        if (deferred != null) {
            body.run();
            return;
        }
        deferred = new Deferred(convolution, buffers);
        try {
            body.run();
            deferred.run();
        } finally {
            deferred.drop();
            deferred = null;
        }
    }

    private void settle() {
        if (deferred != null) {
            deferred.run();
        }
    }

    @Override
    public void upload(Buffer buffer, NdArray source) {
        Backend.requireOpen(closed, name());
        if (source.shape().size() < buffer.length()) {
            throw new IllegalArgumentException("upload: " + source + " has " + source.shape().size()
                    + " values, the buffer expects " + buffer.length());
        }
        settle();
        CpuBuffer target = (CpuBuffer) buffer;
        buffers.dropDerived(target);
        System.arraycopy(source.floats(), 0, target.values, 0, buffer.length());
    }

    @Override
    public NdArray download(Buffer buffer, Shape shape) {
        Backend.requireOpen(closed, name());
        settle();
        Operand operand = new Operand(shape, buffer);
        Operands.requireRoom(operand, () -> "download");
        return NdArray.of(shape, Arrays.copyOf(CpuBuffer.values(operand), shape.size()));
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        Backend.requireOpen(closed, name());
        Operands.requireRoom(out, () -> "output of " + kernel);
        for (Operand operand : in) {
            Operands.requireRoom(operand, () -> "input of " + kernel);
        }
        buffers.dropDerived((CpuBuffer) out.buffer());
        if (deferred != null && deferred.add(kernel, out, in)) {
            return;
        }
        settle();
        switch (kernel) {
            case Kernel.Pointwise pointwise -> Pointwise.run(workers, pointwise, out, in);
            case Kernel.Sum _ -> Sum.run(workers, out, in);
            case Kernel.Max _ -> Max.run(workers, out, in);
            case Kernel.Matmul matmul -> Matmul.run(workers, buffers, matmul, out, in);
            case Kernel.StridedCopy copy -> Strided.copy(workers, copy, out, in);
            case Kernel.StridedPlace place -> Strided.place(workers, place, out, in);
            case Kernel.Concat concat -> RowMoves.concat(workers, concat, out, in);
            case Kernel.Gather gather -> RowMoves.gather(workers, gather, out, in);
            case Kernel.ScatterAdd scatter -> RowMoves.scatterAdd(workers, scatter, out, in);
            case Kernel.ReflectPad pad -> Signal.reflectPad(workers, pad, out, in);
            case Kernel.ReflectPadAdjoint pad -> Signal.reflectPadAdjoint(workers, pad, out, in);
            case Kernel.Frame frame -> Signal.frame(workers, frame, out, in);
            case Kernel.OverlapAdd overlapAdd -> Signal.overlapAdd(workers, overlapAdd, out, in);
            case Kernel.RealDft forward -> dft.forward(workers, forward, out, in);
            case Kernel.RealDftAdjoint adjoint -> dft.adjoint(workers, adjoint, out, in);
            case Kernel.Conv conv -> convolution.forward(conv, out, in);
            case Kernel.ConvInputGradient gradient -> convolution.inputGradient(gradient, out, in);
            case Kernel.ConvWeightGradient gradient -> convolution.weightGradient(gradient, out, in);
            case Kernel.WeightNorm _ -> weightNorm.forward(out, in);
            case Kernel.WeightNormGradient _ -> weightNorm.gradient(out, in);
            case Kernel.RowProjection _ -> weightNorm.projection(out, in);
            case Kernel.MeanAbsoluteError _ -> MeanAbsoluteError.forward(workers, out, in);
            case Kernel.MeanAbsoluteErrorGradient _ -> MeanAbsoluteError.gradient(workers, out, in);
            case Kernel.Sgd step -> Optimizers.sgd(workers, step, out, in);
            case Kernel.AdamW step -> Optimizers.adamW(workers, step, out, in);
        }
    }

    @Override
    public Reach reach(ConvSpec spec, Shape weight) {
        return convolution.reach(spec, weight);
    }

    /** Computes what was put off. */
    @Override
    public void sync() {
        settle();
    }

    /** Ends the threads and lets go of all memory. */
    @Override
    public void close() {
        closed = true;
        workers.close();
        buffers.trim();
    }

    /** Buffers allocated and not freed. */
    public int liveBuffers() {
        return buffers.liveBuffers();
    }

    /** Memory of {@link #liveBuffers}, in bytes, with what rounding up to reusable sizes adds. */
    public long liveBytes() {
        return buffers.liveBytes();
    }

    /** Memory that waits for reuse, in bytes: at most half of what the heap may grow to. */
    public long pooledBytes() {
        return buffers.pooledBytes();
    }

    @Override
    public void trim() {
        buffers.trim();
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jocl.Pointer;
import org.jocl.cl_mem;

/**
 * An OpenCL device: float32, hand-written kernels. {@link #run} only starts the work; the same inputs give the same bits,
 * because no kernel adds in an order that depends on timing.
 */
public final class OpenClBackend implements Backend {
    /** NVIDIA's compute capability from which tensor cores multiply TF32 and BF16, times ten. */
    private static final int TENSOR_CORES = 80;

    private final int index;
    private final Queue queue;
    private final DevicePool buffers;
    private final OpenClConvolution convolution;
    private final Dft dft;
    private boolean closed;

    OpenClBackend(int index, DeviceInfo device) {
        this(index, device, ProgramFiles.usual(), new ConvPlanner(device, ConvTuning.of(device))::plan);
    }

    /** @param planner how each convolution is computed */
    OpenClBackend(int index, DeviceInfo device, ProgramFiles files, Function<ConvProblem, ConvPlan> planner) {
        this.index = index;
        queue = new Queue(device, files);
        buffers = new DevicePool(queue);
        convolution = new OpenClConvolution(queue, buffers, planner);
        dft = new Dft(queue, buffers);
    }

    @Override
    public String name() {
        return "opencl";
    }

    /** As in {@code opencl:0: NVIDIA H200 (NVIDIA CUDA), GPU, 139.8 GiB, 132 compute units, driver 570.86}. */
    @Override
    public String description() {
        return "opencl:" + index + ": " + queue.device();
    }

    /** TF32 and BF16 need the tensor cores of an NVIDIA GPU from compute capability 8.0 on. */
    @Override
    public void useConvolutionPrecision(Precision precision) {
        DeviceInfo device = queue.device();
        if (precision != Precision.FLOAT32 && device.computeCapability() < TENSOR_CORES) {
            throw new IllegalStateException("precision " + precision + ": opencl:" + index + ", " + device.name()
                    + ", has no tensor cores for it, an NVIDIA GPU of compute capability 8.0 or later is needed"
                    + (device.computeCapability() == 0 ? ""
                            : ", this one has " + device.computeCapability() / 10 + "." + device.computeCapability() % 10));
        }
        convolution.usePrecision(precision, false);
    }

    /** For tests on other devices: plain code does what tensor cores would. */
    void emulateConvolutionPrecision(Precision precision) {
        convolution.usePrecision(precision, true);
    }

    /** The device's float32 peak in GFLOP/s, empty if it is not known. */
    public OptionalDouble peakGigaflops() {
        return queue.device().peakGigaflops();
    }

    @Override
    public boolean isDouble() {
        return false;
    }

    @Override
    public Buffer allocate(int length) {
        Backend.requireOpen(closed, name());
        return buffers.take(length);
    }

    /** @throws IllegalStateException if the buffer is not live: freed twice, or of another backend */
    @Override
    public void free(Buffer buffer) {
        if (closed) {
            return; // closing has released all memory
        }
        buffers.give((OpenClBuffer) buffer);
    }

    @Override
    public void upload(Buffer buffer, NdArray source) {
        Backend.requireOpen(closed, name());
        int length = buffer.length();
        buffers.dropDerived((OpenClBuffer) buffer);
        if (source.shape().size() < length) {
            throw new IllegalArgumentException("upload: " + source + " has " + source.shape().size()
                    + " values, the buffer expects " + length);
        }
        cl_mem memory = ((OpenClBuffer) buffer).memory;
        float[] values = source.floats();
        if (isConstant(values, length)) {
            queue.fill(memory, values[0], length); // does not wait for the queue, as copying does
        } else {
            queue.write(memory, Pointer.to(values), (long) Float.BYTES * length);
        }
    }

    private static boolean isConstant(float[] values, int length) {
        int first = Float.floatToRawIntBits(values[0]);
        int same = 1;
        while (same < length && Float.floatToRawIntBits(values[same]) == first) {
            same++;
        }
        return same == length;
    }

    @Override
    public NdArray download(Buffer buffer, Shape shape) {
        Backend.requireOpen(closed, name());
        checked("download", new Operand(shape, buffer));
        float[] values = new float[shape.size()];
        queue.read(((OpenClBuffer) buffer).memory, values);
        return NdArray.of(shape, values);
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        Backend.requireOpen(closed, name());
        checked("output of " + kernel, out);
        for (Operand operand : in) {
            checked("input of " + kernel, operand);
        }
        buffers.dropDerived((OpenClBuffer) out.buffer());
        switch (kernel) {
            case Kernel.Pointwise pointwise -> Pointwise.run(queue, pointwise, out, in);
            case Kernel.Sum _ -> Reduction.sum(queue, buffers, out, in[0]);
            case Kernel.Max _ -> Reduction.max(queue, buffers, out, in[0]);
            case Kernel.Matmul matmul -> Matmul.run(queue, matmul, out, in[0], in[1]);
            case Kernel.StridedCopy copy -> Strided.copy(queue, copy, out, in[0]);
            case Kernel.StridedPlace place -> Strided.place(queue, place, out, in[0]);
            case Kernel.Concat concat -> Strided.concat(queue, concat, out, in);
            case Kernel.Gather gather -> Gather.run(queue, buffers, gather, out, in[0]);
            case Kernel.ScatterAdd scatter -> Gather.adjoint(queue, buffers, scatter, out, in[0]);
            case Kernel.ReflectPad pad -> Signal.pad(queue, pad, out, in[0]);
            case Kernel.ReflectPadAdjoint pad -> Signal.padAdjoint(queue, pad, out, in[0]);
            case Kernel.Frame frame -> Signal.frame(queue, frame, out, in[0]);
            case Kernel.OverlapAdd overlapAdd -> Signal.overlapAdd(queue, overlapAdd, out, in[0]);
            case Kernel.RealDft forward -> dft.forward(forward, out, in[0]);
            case Kernel.RealDftAdjoint adjoint -> dft.adjoint(adjoint, out, in[0]);
            case Kernel.Conv conv -> convolution.forward(conv, out, in);
            case Kernel.ConvInputGradient gradient -> convolution.inputGradient(gradient, out, in);
            case Kernel.ConvWeightGradient gradient -> convolution.weightGradient(gradient, out, in);
            case Kernel.WeightNorm _ -> WeightNorm.run(queue, "forward", out, in);
            case Kernel.WeightNormGradient _ -> WeightNorm.run(queue, "gradient", out, in);
            case Kernel.RowProjection _ -> WeightNorm.run(queue, "projection", out, in);
            case Kernel.MeanAbsoluteError _ -> MeanAbsoluteError.forward(queue, buffers, out, in[0], in[1]);
            case Kernel.MeanAbsoluteErrorGradient _ -> MeanAbsoluteError.gradient(queue, out, in[0], in[1], in[2]);
            case Kernel.Sgd step -> Sgd.run(queue, step, out, in);
            case Kernel.AdamW step -> AdamW.run(queue, step, out, in);
        }
    }

    @Override
    public void sync() {
        Backend.requireOpen(closed, name());
        queue.finish();
    }

    @Override
    public void trim() {
        buffers.trim();
    }

    /** Buffers allocated and not freed. */
    public int liveBuffers() {
        return buffers.liveBuffers() - dft.keptBuffers();
    }

    /** Device memory of {@link #liveBuffers} and of what kernels keep, in bytes. */
    public long liveBytes() {
        return buffers.liveBytes();
    }

    /** Device memory that waits for reuse, in bytes. */
    public long pooledBytes() {
        return buffers.pooledBytes();
    }

    /** How many arrays went from the host to the device; constants that are filled in there do not count. */
    public long uploads() {
        return queue.uploads();
    }

    /** How many arrays went from the device to the host. */
    public long downloads() {
        return queue.downloads();
    }

    /** How many arguments of kernels have been set: none while a pass is replayed. */
    public long argumentsSet() {
        return queue.argumentsSet();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            buffers.clear();
        } finally {
            queue.close();
        }
    }

    static cl_mem memory(Operand operand) {
        return ((OpenClBuffer) operand.buffer()).memory;
    }

    /** A kernel would write beyond the end without a word. */
    private static void checked(String what, Operand operand) {
        if (operand.shape().size() > operand.buffer().length()) {
            throw new IllegalArgumentException(what + ": shape " + operand.shape() + " has " + operand.shape().size()
                    + " elements, its buffer " + operand.buffer().length());
        }
    }
}

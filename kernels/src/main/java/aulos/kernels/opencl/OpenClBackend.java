// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.kernels.Operands;
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
    static final int TENSOR_CORES = 80;

    private static final String EMULATE = "aulos.opencl.emulate";

    private final int index;
    private final Queue queue;
    private final DevicePool buffers;
    private final OpenClConvolution convolution;
    private final Dft dft;
    private final AdamW adamW;
    private final Pairs pairs;
    private final GradientChain chain;
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
        adamW = new AdamW(queue, buffers);
        pairs = new Pairs(convolution, buffers);
        chain = new GradientChain(convolution, queue, buffers);
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

    /**
     * TF32 and BF16 need the tensor cores of an NVIDIA GPU from compute capability 8.0 on. On other devices plain code can
     * do the same, slowly, for tests: if the system property {@code aulos.opencl.emulate} is {@code true}.
     */
    @Override
    public void useConvolutionPrecision(Precision precision) {
        DeviceInfo device = queue.device();
        boolean lacking = precision != Precision.FLOAT32 && device.computeCapability() < TENSOR_CORES;
        if (lacking && !Boolean.getBoolean(EMULATE)) {
            throw new IllegalStateException("precision " + precision + ": opencl:" + index + ", " + device.name()
                    + ", has no tensor cores for it, an NVIDIA GPU of compute capability 8.0 or later is needed"
                    + (device.computeCapability() == 0 ? ""
                            : ", this one has " + device.computeCapability() / 10 + "." + device.computeCapability() % 10));
        }
        flush();
        convolution.usePrecision(precision, lacking);
    }

    /** The same for tests, whatever the device and the property. */
    void emulateConvolutionPrecision(Precision precision) {
        flush();
        convolution.usePrecision(precision, true);
    }

    /** For the tuner: the plan of a problem may be another one now. */
    void forgetPlans() {
        convolution.forgetPlans();
    }

    /** For the tuner: begins to compile what a plan needs. */
    void compile(ConvProblem problem, ConvPlan plan) {
        convolution.compile(problem, plan);
    }

    /** For the tuner: fills a buffer with numbers from −1 to 1. */
    void noise(Buffer buffer, int seed) {
        flush();
        buffers.dropDerived((OpenClBuffer) buffer);
        queue.launch("tuning", "noise", Math.min(buffer.length(), 1 << 20), ((OpenClBuffer) buffer).memory, buffer.length(),
                seed + 1);
    }

    /** For the tuner: the greatest difference of two buffers, of the greatest expected value. */
    double difference(Buffer buffer, Buffer expected, int items) {
        flush();
        OpenClBuffer found = buffers.take(2 * items);
        queue.launch("tuning", "compare", items, ((OpenClBuffer) buffer).memory, ((OpenClBuffer) expected).memory,
                buffer.length(), found.memory);
        float[] pairs = new float[2 * items];
        queue.read(found.memory, pairs);
        buffers.give(found);
        float worst = 0;
        float largest = 0;
        for (int i = 0; i < items; i++) {
            worst = Math.max(worst, pairs[2 * i]);
            largest = Math.max(largest, pairs[2 * i + 1]);
        }
        return worst / Math.max(largest, Float.MIN_NORMAL);
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
        OpenClBuffer freed = (OpenClBuffer) buffer;
        if (!adamW.free(freed) && !pairs.free(freed) && !chain.free(freed)) {
            buffers.give(freed);
        }
    }

    @Override
    public void upload(Buffer buffer, NdArray source) {
        Backend.requireOpen(closed, name());
        flush();
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
        Operands.requireRoom(new Operand(shape, buffer), () -> "download");
        flush();
        float[] values = new float[shape.size()];
        queue.read(((OpenClBuffer) buffer).memory, values);
        return NdArray.of(shape, values);
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        Backend.requireOpen(closed, name());
        Operands.requireRoom(out, () -> "output of " + kernel);
        for (Operand operand : in) {
            Operands.requireRoom(operand, () -> "input of " + kernel);
        }
        if (!(kernel instanceof Kernel.AdamW)) {
            adamW.flush();
        }
        // Of these only one waits at a time, so that neither has to look for what the other has yet to read or write.
        if (kernel instanceof Kernel.Conv) {
            chain.flush();
        } else if (kernel instanceof Kernel.ConvInputGradient) {
            pairs.flush();
        }
        boolean waits = chain.add(kernel, out, in);
        buffers.dropDerived((OpenClBuffer) out.buffer());
        if (waits || pairs.add(kernel, convolution.precision(), out, in)) {
            return;
        }
        pairs.flush();
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
            case Kernel.AdamW step -> adamW.add(step, out, in);
        }
    }

    @Override
    public void sync() {
        Backend.requireOpen(closed, name());
        flush();
        queue.finish();
    }

    /** Starts all that waits for something to be computed with. */
    private void flush() {
        adamW.flush();
        pairs.flush();
        chain.flush();
    }

    @Override
    public void trim() {
        flush();
        buffers.trim();
    }

    /** Buffers allocated and not freed. */
    public int liveBuffers() {
        flush();
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

    /** How many kernels have been started. */
    public long launches() {
        return queue.launches();
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
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Precision;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jocl.cl_mem;

/**
 * The convolutions of an OpenCL device: for each the weights are packed as {@code conv.cl} reads them, one of its kernels
 * runs as planned, and if it was to split its sums, {@code conv_sum.cl} adds the parts.
 */
final class OpenClConvolution {
    /** How many residuals a kernel adds. */
    private static final int RESIDUALS = 2;

    private final Queue queue;
    private final DevicePool buffers;
    private final Function<ConvProblem, ConvPlan> planner;
    private Precision precision = Precision.FLOAT32;
    private String precisionOptions = "";

    /** The order of packed weights. */
    private record Packing(boolean transposed, ConvSpec spec, int width, int rows) {}

    /** What follows the sums, as the kernels take it. */
    private record Finish(int[] fusion, cl_mem bias, cl_mem first, cl_mem second) {}

    /**
     * @param buffers for what a convolution needs in passing
     * @param planner how each is computed
     */
    OpenClConvolution(Queue queue, DevicePool buffers, Function<ConvProblem, ConvPlan> planner) {
        this.queue = queue;
        this.buffers = buffers;
        this.planner = planner;
    }

    /** @param emulated by plain code, for devices that cannot */
    void usePrecision(Precision precision, boolean emulated) {
        this.precision = precision;
        precisionOptions = precision == Precision.FLOAT32 ? ""
                : " -DPRECISION=" + precision.name() + (emulated ? " -DMMA_EMULATED" : "");
    }

    /** Few channels have nothing for tensor cores to do. */
    private String options(ConvTile tile) {
        return tile.options() + (tile.kernel() == ConvKernel.FEW ? "" : precisionOptions);
    }

    /** Operands x [B, Cin, T], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cout, T′]. */
    void forward(Kernel.Conv kernel, Operand out, Operand... in) {
        int kernelSize = in[1].shape().dim(2);
        convolve(ConvGeometry.convolution(kernel.spec(), kernelSize, in[0].shape(), out.shape()), kernel.spec(),
                kernel.fusion(), out, in);
    }

    /** Operands x [B, Cout, T′], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cin, T]. */
    void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand... in) {
        int kernelSize = in[1].shape().dim(2);
        convolve(ConvGeometry.transposed(kernel.spec(), kernelSize, in[0].shape(), out.shape()), kernel.spec(),
                kernel.fusion(), out, in);
    }

    /** Operands x [B, Cin, T], g [B, Cout, T′]; out [Cout, Cin/groups, K]. */
    void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand... in) {
        ConvGeometry geometry = ConvGeometry.convolution(
                kernel.spec(), out.shape().dim(2), in[0].shape(), in[1].shape());
        ConvProblem problem = ConvProblem.weight(geometry, precision);
        ConvPlan plan = planner.apply(problem);
        cl_mem x = OpenClBackend.memory(in[0]);
        Finish nothing = new Finish(new int[] {0, Float.floatToRawIntBits(1), 0}, x, x, x);
        inParts(plan, problem, out, nothing, (target, parts) -> queue.launch("conv", options(plan.tile()),
                plan.tile().kernel().function(), global(plan.tile(), problem, parts), local(plan.tile()),
                geometry.argument(problem.rows(), parts, plan.rowsPerSplit(problem.rows())),
                (float) kernel.inputSlope(), (float) kernel.gradientSlope(), x, OpenClBackend.memory(in[1]), target));
    }

    private void convolve(ConvGeometry geometry, ConvSpec spec, Fusion fusion, Operand out, Operand... in) {
        ConvProblem problem = ConvProblem.taps(geometry, precision);
        ConvPlan plan = planner.apply(problem);
        List<Operand> residuals = new ArrayList<>(List.of(in).subList(fusion.bias() ? 3 : 2, in.length));
        List<OpenClBuffer> sums = addSurplus(residuals);
        cl_mem unused = OpenClBackend.memory(in[1]);
        Finish finish = new Finish(argument(fusion, residuals.size()),
                fusion.bias() ? OpenClBackend.memory(in[2]) : unused,
                residuals.isEmpty() ? unused : OpenClBackend.memory(residuals.getFirst()),
                residuals.size() < 2 ? unused : OpenClBackend.memory(residuals.get(1)));
        int rows = Math.ceilDiv(problem.rows(), plan.tile().bk()) * plan.tile().bk();
        OpenClBuffer packed = packed(geometry, spec, plan.tile(), rows, in[1]);
        inParts(plan, problem, out, finish, (target, parts) -> queue.launch("conv", options(plan.tile()),
                plan.tile().kernel().function(), global(plan.tile(), problem, parts), local(plan.tile()),
                geometry.argument(rows, parts, plan.rowsPerSplit(problem.rows())), finish.fusion,
                OpenClBackend.memory(in[0]), packed.memory, target, finish.bias, finish.first, finish.second));
        sums.forEach(buffers::give);
    }

    /** Computes into the output, or parts of the sums that are then added. */
    private interface Computation {
        void into(cl_mem target, int parts);
    }

    private void inParts(ConvPlan plan, ConvProblem problem, Operand out, Finish finish, Computation computation) {
        int parts = plan.parts(problem.rows());
        if (parts == 1) {
            computation.into(OpenClBackend.memory(out), 1);
            return;
        }
        Shape y = out.shape();
        OpenClBuffer sums = buffers.take(Math.multiplyExact(y.size(), parts));
        computation.into(sums.memory, parts);
        queue.launch("conv_sum", "conv_sum", y.size(), parts, y.size(), y.dim(1), y.dim(2), finish.fusion, sums.memory,
                OpenClBackend.memory(out), finish.bias, finish.first, finish.second);
        buffers.give(sums);
    }

    private static long[] global(ConvTile tile, ConvProblem problem, int parts) {
        return new long[] {(long) Math.ceilDiv(problem.n(), tile.bn()) * tile.wx(),
            (long) Math.ceilDiv(problem.m(), tile.bm()) * tile.wy(), (long) problem.products() * parts};
    }

    private static long[] local(ConvTile tile) {
        return new long[] {tile.wx(), tile.wy(), 1};
    }

    private static int[] argument(Fusion fusion, int residuals) {
        int flags = (fusion.bias() ? 1 : 0) | (residuals > 0 ? 2 : 0) | (residuals > 1 ? 4 : 0) | (fusion.tanh() ? 8 : 0);
        return new int[] {Float.floatToRawIntBits((float) fusion.inputSlope()),
            Float.floatToRawIntBits((float) fusion.scale()), flags};
    }

    /** The weights in the order of a tile; they are kept beside the weights, so inference packs them once. */
    private OpenClBuffer packed(ConvGeometry g, ConvSpec spec, ConvTile tile, int rows, Operand weight) {
        OpenClBuffer buffer = (OpenClBuffer) weight.buffer();
        Packing packing = new Packing(g.transposed(), spec, tile.bm(), rows);
        OpenClBuffer kept = buffer.derived(packing);
        if (kept != null) {
            return kept;
        }
        int tiles = Math.ceilDiv(g.outRows(), tile.bm());
        int products = g.outStride() * g.groups();
        int size = Math.multiplyExact(Math.multiplyExact(products, tiles * tile.bm()), rows);
        OpenClBuffer packed = buffers.take(size);
        int perGroup = Math.multiplyExact(g.inRows() * g.outRows(), g.kernelSize());
        int alongOut = g.transposed() ? g.kernelSize() : g.inRows() * g.kernelSize();
        int alongIn = g.transposed() ? g.outRows() * g.kernelSize() : g.kernelSize();
        queue.launch("conv_pack", "", "conv_pack", new long[] {(long) tiles * tile.bm(), rows, products},
                new long[] {tile.bm(), 1, 1}, OpenClBackend.memory(weight), packed.memory, tile.bm(), tiles, rows,
                g.outStride(), g.groups(), g.inRows(), g.outRows(), g.kernelSize(), g.padding(), g.dilation(),
                g.tapStep(), perGroup, alongOut, alongIn);
        buffers.keepDerived(buffer, packing, packed);
        return packed;
    }

    /** Adds residuals until no more are left than a kernel takes; returns the buffers that this needed. */
    private List<OpenClBuffer> addSurplus(List<Operand> residuals) {
        List<OpenClBuffer> sums = new ArrayList<>();
        Kernel.Pointwise add = new Kernel.Pointwise(PointwiseFunction.ADD, 0, 0);
        while (residuals.size() > RESIDUALS) {
            Operand first = residuals.removeFirst();
            Operand second = residuals.removeFirst();
            OpenClBuffer buffer = buffers.take(first.shape().size());
            Operand sum = new Operand(first.shape(), buffer);
            Pointwise.run(queue, add, sum, first, second);
            sums.add(buffer);
            residuals.addFirst(sum);
        }
        return sums;
    }
}

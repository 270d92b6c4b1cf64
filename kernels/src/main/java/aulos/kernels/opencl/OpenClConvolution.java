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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jocl.cl_mem;

/**
 * The convolutions of an OpenCL device: for each the weights are packed as its kernel reads them ({@link ConvWeights}), the
 * kernel runs as planned, and if it was to split its sums, {@code conv_sum.cl} adds the parts.
 */
final class OpenClConvolution {
    /** How many residuals a kernel adds. */
    static final int RESIDUALS = 2;

    /** As {@code finish.clh} has them. */
    private static final int BIAS = 1;

    private static final int FIRST = 2;
    private static final int SECOND = 4;
    private static final int TANH = 8;
    private static final int BEHIND_GATE = 16;
    private static final int BEFORE_GATE = 32;

    private final Queue queue;
    private final DevicePool buffers;
    private final Function<ConvProblem, ConvPlan> planner;
    private Precision precision = Precision.FLOAT32;
    private boolean emulated;
    private final Map<ConvProblem, Prepared> prepared = new HashMap<>();
    private final ConvWeights weights;

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
        weights = new ConvWeights(queue, buffers);
    }

    /** @param emulated by plain code, for devices that cannot */
    void usePrecision(Precision wanted, boolean byPlainCode) {
        precision = wanted;
        emulated = byPlainCode;
        prepared.clear();
    }

    void forgetPlans() {
        prepared.clear();
    }

    /** Begins to compile what a plan needs. */
    void compile(ConvProblem problem, ConvPlan plan) {
        if (plan.tile().fits(queue.device(), problem)) {
            Prepared p = prepare(problem, plan);
            queue.compile(file(plan.tile()), p.options);
        }
    }

    /** What is the same for every convolution of one geometry. */
    private record Prepared(ConvPlan plan, String options, int parts, long[] global, long[] local, int[] geometry) {}

    private Prepared prepare(ConvProblem problem) {
        return prepared.computeIfAbsent(problem, key -> prepare(key, planner.apply(key)));
    }

    private Prepared prepare(ConvProblem problem, ConvPlan plan) {
        ConvGeometry g = problem.geometry();
        return switch (plan.tile()) {
            case MatrixTile tile -> matrix(problem, plan, tile);
            case GradientTile tile -> gradient(problem, plan, tile);
            case GradientMmaTile tile -> gradient(problem, plan, tile);
            case DirectTile tile -> shared(plan, tile.options(problem, queue.device()), tile.shared(problem), g,
                    tile.sl() * tile.rowsOfSlice(problem));
            case MmaTile tile -> shared(plan, tile.options(problem, emulated), tile.shared(problem), g,
                    tile.rowsOfStage(problem));
            case ToomTile tile -> toom(problem, plan, tile);
            case WgmmaTile tile -> shared(plan, tile.options(problem, emulated), tile.shared(problem), g,
                    tile.rowsOfStage(problem));
        };
    }

    private static String file(ConvTile tile) {
        return switch (tile) {
            case MatrixTile _ -> "conv";
            case GradientTile _ -> "conv_gradient";
            case GradientMmaTile _ -> "conv_gradient_mma";
            case DirectTile _ -> "conv_direct";
            case MmaTile _ -> "conv_mma";
            case WgmmaTile _ -> "conv_wgmma";
            case ToomTile _ -> "conv_toom";
        };
    }

    private static String function(ConvTile tile) {
        return tile instanceof MatrixTile matrix ? matrix.kernel().function() : file(tile);
    }

    private Prepared matrix(ConvProblem problem, ConvPlan plan, MatrixTile tile) {
        int parts = plan.parts(problem.rows());
        // Few channels have nothing for tensor cores to do.
        String options = tile.options() + (tile.kernel() == ConvKernel.FEW || precision == Precision.FLOAT32 ? ""
                : " -DPRECISION=" + precision.name() + (emulated ? " -DMMA_EMULATED" : ""));
        long[] global = {(long) Math.ceilDiv(problem.n(), tile.bn()) * tile.wx(),
            (long) Math.ceilDiv(problem.m(), tile.bm()) * tile.wy(), (long) problem.products() * parts};
        int rows = problem.weight() ? problem.rows() : Math.ceilDiv(problem.rows(), tile.bk()) * tile.bk();
        return new Prepared(plan, options, parts, global, new long[] {tile.wx(), tile.wy(), 1},
                problem.geometry().argument(rows, parts, plan.rowsPerSplit(problem.rows())));
    }

    private Prepared gradient(ConvProblem problem, ConvPlan plan, GradientTile tile) {
        int parts = plan.parts(problem.rows());
        long[] groups = tile.groups(problem, parts);
        return new Prepared(plan, tile.options(problem, queue.device()), parts,
                new long[] {groups[0] * tile.groupSize(), groups[1], groups[2]}, new long[] {tile.groupSize(), 1, 1},
                GradientShape.sizes(problem.geometry(), problem.rows(), plan.rowsPerSplit(problem.rows())));
    }

    private Prepared gradient(ConvProblem problem, ConvPlan plan, GradientMmaTile tile) {
        int samples = GradientMmaTile.samples(problem);
        int parts = plan.parts(samples);
        long[] groups = tile.groups(problem, parts);
        return new Prepared(plan, tile.options(problem, emulated), parts,
                new long[] {groups[0] * tile.groupSize(), groups[1], groups[2]}, new long[] {tile.groupSize(), 1, 1},
                GradientShape.sizes(problem.geometry(), samples, plan.rowsPerSplit(samples)));
    }

    private Prepared toom(ConvProblem problem, ConvPlan plan, ToomTile tile) {
        long[] groups = tile.groups(problem);
        int size = tile.groupSize(problem.form());
        return new Prepared(plan, tile.options(problem, queue.device()), 1, new long[] {groups[0] * size, groups[1], groups[2]},
                new long[] {size, 1, 1}, tile.geometry(problem));
    }

    private static Prepared shared(ConvPlan plan, String options, SharedTile shared, ConvGeometry g, int rowsOfStage) {
        ConvTile tile = plan.tile();
        long[] groups = shared.groups(g, tile.bm(), tile.bn());
        return new Prepared(plan, options, 1, new long[] {groups[0] * tile.groupSize(), groups[1], groups[2]},
                new long[] {tile.groupSize(), 1, 1}, shared.geometry(g, rowsOfStage));
    }

    /** Operands x [B, Cin, T], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cout, T′]. */
    void forward(Kernel.Conv kernel, Operand out, Operand... in) {
        int kernelSize = in[1].shape().dim(2);
        convolve(ConvGeometry.convolution(kernel.spec(), kernelSize, in[0].shape(), out.shape()), kernel.spec(),
                kernel.fusion(), out, in);
    }

    Precision precision() {
        return precision;
    }

    /** Computes both in one kernel, or returns false if the device cannot. */
    boolean pair(Pairs.Step a, Pairs.Step b) {
        ConvGeometry g = ConvGeometry.convolution(a.kernel().spec(), a.kernelSize(), a.in()[0].shape(), a.out().shape());
        ConvProblem problem = ConvProblem.taps(g, precision);
        PairTile tile = PairTile.of(problem, queue.device());
        if (tile.localBytes(problem) > queue.device().localMemory()) {
            return false;
        }
        ConvGeometry h = ConvGeometry.convolution(b.kernel().spec(), b.kernelSize(), a.out().shape(), b.out().shape());
        OpenClBuffer w1 = weights.fragments(problem, a.kernel().spec(), g.inRows(), a.in()[1]);
        OpenClBuffer w2 = weights.fragments(ConvProblem.taps(h, precision), b.kernel().spec(), g.inRows(), b.in()[1]);
        int residuals = b.fusion().residuals();
        cl_mem unused = w2.memory;
        queue.launch("conv_pair", tile.options(problem, emulated), "conv_pair", tile.global(problem),
                new long[] {tile.groupSize(), 1, 1}, tile.geometry(problem), argument(a.fusion(), 0),
                argument(b.fusion(), residuals), OpenClBackend.memory(a.in()[0]), w1.memory, w2.memory,
                OpenClBackend.memory(b.out()), OpenClBackend.memory(a.in()[2]), OpenClBackend.memory(b.in()[2]),
                residuals > 0 ? OpenClBackend.memory(b.in()[3]) : unused,
                residuals > 1 ? OpenClBackend.memory(b.in()[4]) : unused);
        return true;
    }

    /** Operands x [B, Cout, T′], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cin, T]. */
    void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand... in) {
        int kernelSize = in[1].shape().dim(2);
        convolve(ConvGeometry.transposed(kernel.spec(), kernelSize, in[0].shape(), out.shape()), kernel.spec(),
                kernel.fusion(), out, in);
    }

    /** The same without bias and residuals, and with what is behind it. */
    void inputGradient(Kernel.ConvInputGradient kernel, GradientChain.Behind behind, Operand out, Operand... in) {
        ConvGeometry geometry = ConvGeometry.transposed(kernel.spec(), in[1].shape().dim(2), in[0].shape(), out.shape());
        int flags = (behind.added() == null ? 0 : FIRST)
                | (behind.gate() == null ? 0 : behind.gateLast() ? BEFORE_GATE : BEHIND_GATE);
        float scale = behind.gate() == null ? 1 : (float) behind.slope();
        cl_mem unused = OpenClBackend.memory(in[1]);
        convolve(geometry, kernel.spec(), new Finish(new int[] {
            Float.floatToRawIntBits((float) kernel.fusion().inputSlope()), Float.floatToRawIntBits(scale), flags}, unused,
                behind.added() == null ? unused : OpenClBackend.memory(behind.added()),
                behind.gate() == null ? unused : OpenClBackend.memory(behind.gate())), out, in);
    }

    /** Operands x [B, Cin, T], g [B, Cout, T′]; out [Cout, Cin/groups, K]. */
    void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand... in) {
        ConvGeometry geometry = ConvGeometry.convolution(
                kernel.spec(), out.shape().dim(2), in[0].shape(), in[1].shape());
        ConvProblem problem = ConvProblem.weight(geometry, precision);
        Prepared p = prepare(problem);
        cl_mem x = OpenClBackend.memory(in[0]);
        Finish nothing = new Finish(new int[] {0, Float.floatToRawIntBits(1), 0}, x, x, x);
        inParts(p.parts, out, nothing, target -> queue.launch(file(p.plan.tile()), p.options, function(p.plan.tile()),
                p.global, p.local, p.geometry, (float) kernel.inputSlope(), (float) kernel.gradientSlope(), x,
                OpenClBackend.memory(in[1]), target));
    }

    private void convolve(ConvGeometry geometry, ConvSpec spec, Fusion fusion, Operand out, Operand... in) {
        List<Operand> residuals = new ArrayList<>(List.of(in).subList(fusion.bias() ? 3 : 2, in.length));
        List<OpenClBuffer> sums = addSurplus(residuals);
        cl_mem unused = OpenClBackend.memory(in[1]);
        Finish finish = new Finish(argument(fusion, residuals.size()),
                fusion.bias() ? OpenClBackend.memory(in[2]) : unused,
                residuals.isEmpty() ? unused : OpenClBackend.memory(residuals.getFirst()),
                residuals.size() < 2 ? unused : OpenClBackend.memory(residuals.get(1)));
        convolve(geometry, spec, finish, out, in);
        sums.forEach(buffers::give);
    }

    private void convolve(ConvGeometry geometry, ConvSpec spec, Finish finish, Operand out, Operand... in) {
        ConvProblem problem = ConvProblem.taps(geometry, precision);
        Prepared p = prepare(problem);
        OpenClBuffer packed = weights.packed(problem, p.plan.tile(), spec, in[1]);
        inParts(p.parts, out, finish, target -> queue.launch(file(p.plan.tile()), p.options, function(p.plan.tile()),
                p.global, p.local, p.geometry, finish.fusion, OpenClBackend.memory(in[0]), packed.memory, target, finish.bias, finish.first,
                finish.second));
    }

    /** Computes into the output, or parts of the sums that are then added. */
    private interface Computation {
        void into(cl_mem target);
    }

    private void inParts(int parts, Operand out, Finish finish, Computation computation) {
        if (parts == 1) {
            computation.into(OpenClBackend.memory(out));
            return;
        }
        Shape y = out.shape();
        OpenClBuffer sums = buffers.take(Math.multiplyExact(y.size(), parts));
        computation.into(sums.memory);
        queue.launch("conv_sum", "conv_sum", y.size(), parts, y.size(), y.dim(1), y.dim(2), finish.fusion, sums.memory,
                OpenClBackend.memory(out), finish.bias, finish.first, finish.second);
        buffers.give(sums);
    }

    private static int[] argument(Fusion fusion, int residuals) {
        int flags = (fusion.bias() ? BIAS : 0) | (residuals > 0 ? FIRST : 0) | (residuals > 1 ? SECOND : 0)
                | (fusion.tanh() ? TANH : 0);
        return new int[] {Float.floatToRawIntBits((float) fusion.inputSlope()),
            Float.floatToRawIntBits((float) fusion.scale()), flags};
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

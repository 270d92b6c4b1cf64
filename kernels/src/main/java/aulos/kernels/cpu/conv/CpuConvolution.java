// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Backend.Reach;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.bilinear.FiveTapConvolution;
import aulos.kernels.cpu.conv.bilinear.FiveTapCorrelation;
import aulos.kernels.cpu.conv.bilinear.FourierConvolution;
import aulos.kernels.cpu.conv.bilinear.FourierCorrelation;
import aulos.kernels.cpu.conv.bilinear.GroupedConvolution;
import aulos.kernels.cpu.conv.bilinear.GroupedCorrelation;
import aulos.kernels.cpu.conv.bilinear.Stride3Convolution;
import aulos.kernels.cpu.conv.bilinear.Stride3Correlation;
import aulos.kernels.cpu.conv.bilinear.WinogradConvolution;
import aulos.kernels.cpu.conv.bilinear.WinogradCorrelation;
import aulos.kernels.cpu.conv.direct.LongCorrelation;
import aulos.kernels.cpu.conv.direct.TapConvolution;
import aulos.kernels.cpu.conv.direct.TapCorrelation;
import aulos.kernels.cpu.conv.direct.WideCorrelation;
import aulos.kernels.cpu.conv.job.ConvAlgorithm;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The convolutions of the cpu backend. This is the place where the algorithm for a layer is chosen: the first of a list that
 * suits. The choice depends on the shape alone. Weights in the order that an algorithm wants are kept beside the weight's
 * buffer, so inference packs them once.
 */
public final class CpuConvolution {
    private static final List<ConvAlgorithm> EXACT = List.of(TapConvolution.ALGORITHM);
    private static final List<ConvAlgorithm> ALL = List.of(
            WinogradConvolution.ALGORITHM, GroupedConvolution.ALGORITHM, FourierConvolution.ALGORITHM,
            FiveTapConvolution.ALGORITHM, Stride3Convolution.ALGORITHM, TapConvolution.ALGORITHM);

    private static final List<GradientJob.Algorithm> EXACT_GRADIENTS =
            List.of(WideCorrelation.ALGORITHM, LongCorrelation.ALGORITHM, TapCorrelation.ALGORITHM);
    private static final List<GradientJob.Algorithm> ALL_GRADIENTS = List.of(
            GroupedCorrelation.ALGORITHM, FourierCorrelation.ALGORITHM, WinogradCorrelation.ALGORITHM,
            FiveTapCorrelation.ALGORITHM, Stride3Correlation.ALGORITHM, WideCorrelation.ALGORITHM,
            LongCorrelation.ALGORITHM, TapCorrelation.ALGORITHM);

    private final Workspace space;
    private final List<ConvAlgorithm> algorithms;
    private final List<GradientJob.Algorithm> gradients;

    /**
     * @param buffers where packed weights are kept
     * @param exact whether transforms are ruled out
     */
    public CpuConvolution(WorkerPool pool, BufferPool buffers, boolean exact) {
        space = new Workspace(pool, buffers);
        algorithms = exact ? EXACT : ALL;
        gradients = exact ? EXACT_GRADIENTS : ALL_GRADIENTS;
    }

    private ConvAlgorithm algorithm(ConvSpec spec, Shape weight, boolean transposed) {
        for (ConvAlgorithm one : algorithms) { // plain loops: most programs choose before the JVM has compiled anything
            if (one.suits(spec, weight, transposed)) {
                return one;
            }
        }
        throw new IllegalStateException("no algorithm for a weight " + weight + " and " + spec);
    }

    private ConvAlgorithm algorithm(ConvJob job) {
        return algorithm(job.spec(), job.weightShape(), job.transposed());
    }

    /** See {@link Backend#reach}. */
    public Reach reach(ConvSpec spec, Shape weight) {
        return algorithm(spec, weight, false).reach(spec, weight.dim(2));
    }

    /** Operands x [B, Cin, T], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cout, T′]. */
    public void forward(Kernel.Conv kernel, Operand out, Operand[] in) {
        run(job(false, kernel.spec(), kernel.fusion(), out, in));
    }

    /** Operands x [B, Cout, T′], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cin, T]. */
    public void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand[] in) {
        run(job(true, kernel.spec(), kernel.fusion(), out, in));
    }

    ConvJob job(boolean transposed, ConvSpec spec, Fusion fusion, Operand out, Operand[] in) {
        return new ConvJob(space, transposed, spec, fusion, out, in);
    }

    void run(ConvJob job) {
        algorithm(job).run(job);
    }

    /** Operands x [B, Cin, T], g [B, Cout, T′]; out [Cout, Cin/groups, K]. */
    public void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand[] in) {
        GradientJob job = new GradientJob(space, kernel, out, in);
        for (GradientJob.Algorithm one : gradients) {
            if (one.suits().test(job)) {
                one.run().accept(job);
                return;
            }
        }
        throw new IllegalStateException("no algorithm for the gradient of a weight " + out.shape() + " and " + job.spec());
    }

    /** What computes convolutions that follow one another, piece by piece; null if it is better to have them one by one. */
    ConvStream stream(List<ConvJob> jobs) {
        if (jobs.size() < 2 || !jobs.stream().allMatch(job -> algorithm(job).streams())) {
            return null;
        }
        List<ConvStream.Layer> layers = new ArrayList<>();
        Map<Backend.Buffer, Integer> outputs = new HashMap<>();
        for (ConvJob job : jobs) {
            ConvAlgorithm algorithm = algorithm(job);
            Reach reach = job.transposed() ? new Reach(0, 0, job.spec().stride())
                    : algorithm.reach(job.spec(), job.weightShape().dim(2));
            int[] residuals = job.residuals().stream()
                    .mapToInt(residual -> outputs.getOrDefault(residual.buffer(), -1)).toArray();
            layers.add(new ConvStream.Layer(job, algorithm.streamed(job), reach,
                    outputs.getOrDefault(job.in()[0].buffer(), -1), residuals, job.output() != null));
            outputs.put(job.out().buffer(), layers.size() - 1);
        }
        ConvStream stream = new ConvStream(space, layers, jobs.getFirst().out().shape().dim(2));
        return stream.pays() ? stream : null;
    }
}

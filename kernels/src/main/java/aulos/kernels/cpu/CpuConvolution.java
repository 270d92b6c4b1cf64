// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions of the cpu backend. This is the place where the algorithm for a layer is chosen: {@link
 * WinogradConvolution} for residual blocks; {@link FourierConvolution} for long filters in groups; {@link
 * WideConvolution} where weights outweigh the columns of a batch, else {@link TapConvolution}, which give the same bits;
 * for the gradient in the weight {@link FourierCorrelation}, {@link WideCorrelation}, {@link LongCorrelation} or {@link
 * TapCorrelation}. The choice depends on the shape alone. Weights in the order that an algorithm wants are kept beside
 * the weight's buffer, so inference packs them once.
 */
final class CpuConvolution {
    private final WorkerPool pool;
    private final BufferPool buffers;
    private final Scratch scratch;
    private final boolean exact;

    /**
     * @param buffers where packed weights are kept
     * @param exact whether transforms are ruled out
     */
    CpuConvolution(WorkerPool pool, BufferPool buffers, boolean exact) {
        this.exact = exact;
        this.pool = pool;
        this.buffers = buffers;
        this.scratch = new Scratch(pool.threads());
    }

    /**
     * Whether transforms cost less than the multiplications they save; docs/performance.md has the measurements. It
     * depends on the layer alone, not on lengths, so that pieces of a signal come out as the whole does. As many
     * channels out as in: these are the residual blocks, where nearly all the time goes.
     */
    private boolean winogradPays(ConvSpec spec, Shape weight) {
        int channels = weight.dim(0);
        int taps = weight.dim(2);
        boolean pays = taps == 3 && channels >= 32 || taps >= 7 && channels >= 16;
        return !exact && spec.stride() == 1 && spec.groups() == 1 && weight.dim(1) == channels && pays
                && channels <= 256 && WinogradForm.handles(taps) && WinogradConvolution.handles(spec.dilation());
    }

    private boolean fourierPays(ConvSpec spec, Shape weight) {
        return !exact && FourierConvolution.suits(spec, weight);
    }

    /** See {@link Backend#reach}. */
    Backend.Reach reach(ConvSpec spec, Shape weight) {
        if (winogradPays(spec, weight)) {
            return WinogradConvolution.reach(spec, weight.dim(2));
        }
        return fourierPays(spec, weight) ? FourierConvolution.reach(spec, weight.dim(2))
                : Backend.Reach.exact(spec, weight.dim(2));
    }

    /** Operands x [B, Cin, T], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cout, T′]. */
    void forward(Kernel.Conv kernel, Operand out, Operand[] in) {
        int kernelSize = in[1].shape().dim(2);
        TapGeometry geometry = TapGeometry.convolution(kernel.spec(), kernelSize, in[0].shape(), out.shape());
        convolve(geometry, kernel.spec(), kernel.fusion(), false, out, in);
    }

    /** Operands x [B, Cout, T′], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cin, T]. */
    void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand[] in) {
        int kernelSize = in[1].shape().dim(2);
        TapGeometry geometry = TapGeometry.transposed(kernel.spec(), kernelSize, in[0].shape(), out.shape());
        convolve(geometry, kernel.spec(), kernel.fusion(), true, out, in);
    }

    /** Operands x [B, Cin, T], g [B, Cout, T′]; out [Cout, Cin/groups, K]. */
    void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand[] in) {
        Shape x = in[0].shape();
        Shape g = in[1].shape();
        if (!exact && FourierCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new FourierCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBackend.values(out))
                    .run(buffers, CpuBackend.values(in[0]), CpuBackend.values(in[1]));
            return;
        }
        TapGeometry geometry = TapGeometry.convolution(kernel.spec(), out.shape().dim(2), x, g);
        SegmentedInput input = new SegmentedInput(CpuBackend.values(in[0]), x, geometry.period, kernel.inputSlope());
        if (WideCorrelation.suits(geometry)) {
            new WideCorrelation(pool, scratch, geometry, input, CpuBackend.values(in[1]), kernel.gradientSlope(),
                    CpuBackend.values(out)).run(buffers);
            return;
        }
        if (LongCorrelation.suits(geometry)) {
            new LongCorrelation(pool, scratch, geometry, input, CpuBackend.values(in[1]), kernel.gradientSlope(),
                    CpuBackend.values(out)).run(buffers);
            return;
        }
        SegmentedInput gradient =
                new SegmentedInput(CpuBackend.values(in[1]), g, geometry.period, kernel.gradientSlope());
        new TapCorrelation(pool, scratch, geometry, input, gradient, CpuBackend.values(out)).run();
    }

    private void convolve(TapGeometry geometry, ConvSpec spec, Fusion fusion, boolean transposed, Operand out,
            Operand[] in) {
        if (winogradPays(spec, in[1].shape())) {
            winograd(geometry, spec, fusion, transposed, out, in);
            return;
        }
        if (fourierPays(spec, in[1].shape())) {
            new FourierConvolution(pool, scratch, spec, transposed, in[0].shape(), CpuBackend.values(in[0]),
                    fusion.inputSlope(), in[1].shape(), CpuBackend.values(in[1]),
                    fusion.bias() ? CpuBackend.values(in[2]) : null, epilogue(fusion, in), out.shape(),
                    CpuBackend.values(out)).run();
            return;
        }
        MicroTile tile = MicroTile.forRows(geometry.outRows);
        float[] start = start(geometry, tile, fusion.bias() ? CpuBackend.values(in[2]) : null);
        SegmentedInput input = new SegmentedInput(
                CpuBackend.values(in[0]), in[0].shape(), geometry.period, fusion.inputSlope());
        if (WideConvolution.suits(geometry)) {
            new WideConvolution(pool, scratch, geometry, transposed, tile, input, CpuBackend.values(in[1]), start,
                    epilogue(fusion, in), CpuBackend.values(out)).run(buffers);
            return;
        }
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, in[1].shape(), tile.rows());
        float[] packed = PackedTaps.of((CpuBuffer) in[1].buffer(), layout, geometry, tile, pool, buffers);
        new TapConvolution(pool, scratch, geometry, tile, input, packed, start, epilogue(fusion, in),
                CpuBackend.values(out)).run();
    }

    private void winograd(TapGeometry geometry, ConvSpec spec, Fusion fusion, boolean transposed, Operand out,
            Operand[] in) {
        MicroTile tile = WinogradConvolution.tile(geometry.outRows);
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, in[1].shape(), tile.rows());
        WinogradForm form = new WinogradForm(geometry.kernelSize);
        WinogradWeights weights = new WinogradWeights(form, tile, geometry, transposed);
        float[] packed = weights.of((CpuBuffer) in[1].buffer(), layout, pool, scratch, buffers);
        float[] start = start(geometry, tile, fusion.bias() ? CpuBackend.values(in[2]) : null);
        new WinogradConvolution(pool, scratch, geometry, form, spec.dilation(), in[0], fusion.inputSlope(), weights,
                packed, start, epilogue(fusion, in), CpuBackend.values(out)).run();
    }

    private static Epilogue epilogue(Fusion fusion, Operand[] in) {
        List<float[]> residuals = new ArrayList<>();
        for (int i = fusion.bias() ? 3 : 2; i < in.length; i++) {
            residuals.add(CpuBackend.values(in[i]));
        }
        return new Epilogue(residuals, (float) fusion.scale(), fusion.tanh());
    }

    /** What sums start from, [group][block][tile.rows]: the bias, or zero. */
    private static float[] start(TapGeometry geometry, MicroTile tile, float[] bias) {
        int perGroup = PackedTaps.blocks(geometry, tile) * tile.rows();
        float[] start = new float[geometry.groups * perGroup];
        if (bias != null) {
            for (int group = 0; group < geometry.groups; group++) {
                System.arraycopy(bias, group * geometry.outRows, start, group * perGroup, geometry.outRows);
            }
        }
        return start;
    }
}

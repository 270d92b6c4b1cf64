// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions of the cpu backend. This is the place where the algorithm for a layer is chosen: {@link WideConvolution}
 * where weights outweigh the columns of a batch, else {@link TapConvolution}, which give the same bits; for the gradient in
 * the weight {@link WideCorrelation}, {@link LongCorrelation} or {@link TapCorrelation}. The choice depends on the shape
 * alone. Weights in the order that {@link TapConvolution} wants are kept beside the weight's buffer, so inference packs
 * them once.
 */
final class CpuConvolution {
    private final WorkerPool pool;
    private final BufferPool buffers;
    private final Scratch scratch;

    /** @param buffers where packed weights are kept */
    CpuConvolution(WorkerPool pool, BufferPool buffers) {
        this.pool = pool;
        this.buffers = buffers;
        this.scratch = new Scratch(pool.threads());
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
        MicroTile tile = MicroTile.forRows(geometry.outRows);
        int firstResidual = fusion.bias() ? 3 : 2;
        float[] start = start(geometry, tile, fusion.bias() ? CpuBackend.values(in[2]) : null);
        List<float[]> residuals = new ArrayList<>();
        for (int i = 0; i < fusion.residuals(); i++) {
            residuals.add(CpuBackend.values(in[firstResidual + i]));
        }
        SegmentedInput input = new SegmentedInput(
                CpuBackend.values(in[0]), in[0].shape(), geometry.period, fusion.inputSlope());
        Epilogue epilogue = new Epilogue(residuals, (float) fusion.scale(), fusion.tanh());
        if (WideConvolution.suits(geometry)) {
            new WideConvolution(pool, scratch, geometry, transposed, tile, input, CpuBackend.values(in[1]), start,
                    epilogue, CpuBackend.values(out)).run(buffers);
            return;
        }
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, in[1].shape(), tile.rows());
        float[] packed = PackedTaps.of((CpuBuffer) in[1].buffer(), layout, geometry, tile, pool, buffers);
        new TapConvolution(pool, scratch, geometry, tile, input, packed, start, epilogue, CpuBackend.values(out)).run();
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

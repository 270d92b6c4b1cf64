// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
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
import aulos.kernels.cpu.conv.bilinear.Stride3Form;
import aulos.kernels.cpu.conv.bilinear.WinogradConvolution;
import aulos.kernels.cpu.conv.bilinear.WinogradCorrelation;
import aulos.kernels.cpu.conv.bilinear.WinogradStretch;
import aulos.kernels.cpu.conv.bilinear.WinogradStretches;
import aulos.kernels.cpu.conv.bilinear.WinogradWeights;
import aulos.kernels.cpu.conv.direct.LongCorrelation;
import aulos.kernels.cpu.conv.direct.TapConvolution;
import aulos.kernels.cpu.conv.direct.TapCorrelation;
import aulos.kernels.cpu.conv.direct.TapStretch;
import aulos.kernels.cpu.conv.direct.WideConvolution;
import aulos.kernels.cpu.conv.direct.WideCorrelation;
import aulos.kernels.cpu.conv.job.Epilogue;
import aulos.kernels.cpu.conv.job.Streamed;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.Plane;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.WinogradForm;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Scratch;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The convolutions of the cpu backend. This is the place where the algorithm for a layer is chosen: {@link
 * WinogradConvolution} for residual blocks; {@link FiveTapConvolution} and {@link Stride3Convolution} for wide layers of 5
 * taps; {@link GroupedConvolution} and {@link FourierConvolution} for long filters in groups; {@link WideConvolution}
 * where weights outweigh the columns of a batch, else {@link TapConvolution}, which give the same bits; for the gradient
 * in the weight {@link GroupedCorrelation}, {@link FourierCorrelation}, {@link WinogradCorrelation}, {@link
 * FiveTapCorrelation}, {@link Stride3Correlation}, {@link WideCorrelation}, {@link LongCorrelation} or {@link
 * TapCorrelation}. The choice depends on the shape alone. Weights in the order that an algorithm wants are kept beside the
 * weight's buffer, so inference packs them once.
 */
public final class CpuConvolution {
    private final WorkerPool pool;
    private final BufferPool buffers;
    private final Scratch scratch;
    private final boolean exact;

    /**
     * @param buffers where packed weights are kept
     * @param exact whether transforms are ruled out
     */
    public CpuConvolution(WorkerPool pool, BufferPool buffers, boolean exact) {
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
        boolean pays = switch (taps) {
            case 3 -> channels >= 32;
            case 5, 6 -> channels >= 16 && channels <= 64;
            default -> taps > 6 && channels >= 16;
        };
        return !exact && spec.stride() == 1 && spec.groups() == 1 && weight.dim(1) == channels && pays
                && channels <= 256 && WinogradForm.handles(taps) && WinogradStretch.handles(spec.dilation());
    }

    private boolean toomPays(ConvSpec spec, Shape weight) {
        return !exact && FiveTapConvolution.suits(spec, weight);
    }

    private boolean stride3Pays(ConvSpec spec, Shape weight, boolean transposed) {
        return !exact && Stride3Form.suits(spec, weight, transposed);
    }

    private boolean groupedPays(ConvSpec spec, Shape weight) {
        return !exact && GroupedConvolution.suits(spec, weight);
    }

    private boolean fourierPays(ConvSpec spec, Shape weight) {
        return !exact && !groupedPays(spec, weight) && FourierConvolution.suits(spec, weight);
    }

    /** See {@link Backend#reach}. */
    public Backend.Reach reach(ConvSpec spec, Shape weight) {
        if (winogradPays(spec, weight)) {
            return WinogradStretch.reach(spec, weight.dim(2));
        }
        if (toomPays(spec, weight)) {
            return FiveTapConvolution.reach(spec);
        }
        if (groupedPays(spec, weight)) {
            return GroupedConvolution.reach(spec, weight.dim(2));
        }
        return fourierPays(spec, weight) ? FourierConvolution.reach(spec, weight.dim(2))
                : Backend.Reach.exact(spec, weight.dim(2));
    }

    /** Operands x [B, Cin, T], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cout, T′]. */
    public void forward(Kernel.Conv kernel, Operand out, Operand[] in) {
        int kernelSize = in[1].shape().dim(2);
        TapGeometry geometry = TapGeometry.convolution(kernel.spec(), kernelSize, in[0].shape(), out.shape());
        convolve(geometry, kernel.spec(), kernel.fusion(), false, out, in);
    }

    /** Operands x [B, Cout, T′], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cin, T]. */
    public void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand[] in) {
        int kernelSize = in[1].shape().dim(2);
        TapGeometry geometry = TapGeometry.transposed(kernel.spec(), kernelSize, in[0].shape(), out.shape());
        convolve(geometry, kernel.spec(), kernel.fusion(), true, out, in);
    }

    /** Operands x [B, Cin, T], g [B, Cout, T′]; out [Cout, Cin/groups, K]. */
    public void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand[] in) {
        Shape x = in[0].shape();
        Shape g = in[1].shape();
        if (!exact && GroupedCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new GroupedCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBuffer.values(out))
                    .run(CpuBuffer.values(in[0]), CpuBuffer.values(in[1]));
            return;
        }
        if (!exact && FourierCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new FourierCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBuffer.values(out))
                    .run(buffers, CpuBuffer.values(in[0]), CpuBuffer.values(in[1]));
            return;
        }
        if (!exact && WinogradCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new WinogradCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBuffer.values(out))
                    .run(buffers, CpuBuffer.values(in[0]), CpuBuffer.values(in[1]));
            return;
        }
        TapGeometry geometry = TapGeometry.convolution(kernel.spec(), out.shape().dim(2), x, g);
        if (toomPays(kernel.spec(), out.shape())) {
            new FiveTapCorrelation(pool, scratch, geometry, in[0], kernel.inputSlope(), in[1], kernel.gradientSlope(),
                    CpuBuffer.values(out)).run(buffers);
            return;
        }
        if (!exact && Stride3Form.suitsGradient(kernel.spec(), out.shape())) {
            new Stride3Correlation(pool, scratch, geometry, in[0], kernel.inputSlope(), in[1], kernel.gradientSlope(),
                    CpuBuffer.values(out)).run(buffers);
            return;
        }
        SegmentedInput input = new SegmentedInput(CpuBuffer.values(in[0]), x, geometry.period, kernel.inputSlope());
        if (WideCorrelation.suits(geometry)) {
            new WideCorrelation(pool, scratch, geometry, input, CpuBuffer.values(in[1]), kernel.gradientSlope(),
                    CpuBuffer.values(out)).run(buffers);
            return;
        }
        if (LongCorrelation.suits(geometry)) {
            new LongCorrelation(pool, scratch, geometry, input, CpuBuffer.values(in[1]), kernel.gradientSlope(),
                    CpuBuffer.values(out)).run(buffers);
            return;
        }
        SegmentedInput gradient =
                new SegmentedInput(CpuBuffer.values(in[1]), g, geometry.period, kernel.gradientSlope());
        new TapCorrelation(pool, scratch, geometry, input, gradient, CpuBuffer.values(out)).run();
    }

    private void convolve(TapGeometry geometry, ConvSpec spec, Fusion fusion, boolean transposed, Operand out,
            Operand[] in) {
        if (winogradPays(spec, in[1].shape())) {
            winograd(geometry, spec, fusion, transposed, out, in);
            return;
        }
        if (groupedPays(spec, in[1].shape())) {
            new GroupedConvolution(pool, scratch, spec, transposed, in[0].shape(), CpuBuffer.values(in[0]),
                    fusion.inputSlope(), in[1].shape(), CpuBuffer.values(in[1]),
                    fusion.bias() ? CpuBuffer.values(in[2]) : null, epilogue(fusion, in), out.shape(),
                    CpuBuffer.values(out)).run();
            return;
        }
        if (fourierPays(spec, in[1].shape())) {
            new FourierConvolution(pool, scratch, spec, transposed, in[0].shape(), CpuBuffer.values(in[0]),
                    fusion.inputSlope(), in[1].shape(), CpuBuffer.values(in[1]),
                    fusion.bias() ? CpuBuffer.values(in[2]) : null, epilogue(fusion, in), out.shape(),
                    CpuBuffer.values(out)).run();
            return;
        }
        MicroTile tile = MicroTile.forRows(geometry.outRows);
        float[] start = start(geometry, tile, fusion.bias() ? CpuBuffer.values(in[2]) : null);
        if (toomPays(spec, in[1].shape())) {
            new FiveTapConvolution(pool, scratch, geometry, transposed, tile, in[0], fusion.inputSlope(),
                    CpuBuffer.values(in[1]), start, epilogue(fusion, in), CpuBuffer.values(out)).run(buffers);
            return;
        }
        if (stride3Pays(spec, in[1].shape(), transposed)) {
            new Stride3Convolution(pool, scratch, geometry, transposed, tile, in[0], fusion.inputSlope(),
                    CpuBuffer.values(in[1]), start, epilogue(fusion, in), CpuBuffer.values(out)).run(buffers);
            return;
        }
        SegmentedInput input = new SegmentedInput(
                CpuBuffer.values(in[0]), in[0].shape(), geometry.period, fusion.inputSlope());
        if (WideConvolution.suits(geometry)) {
            new WideConvolution(pool, scratch, geometry, transposed, tile, input, CpuBuffer.values(in[1]), start,
                    epilogue(fusion, in), CpuBuffer.values(out)).run(buffers);
            return;
        }
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, in[1].shape(), tile.rows());
        float[] packed = PackedTaps.of((CpuBuffer) in[1].buffer(), layout, geometry, tile, pool, buffers);
        new TapConvolution(pool, scratch, geometry, tile, input, packed, start, epilogue(fusion, in),
                CpuBuffer.values(out)).run();
    }

    private void winograd(TapGeometry geometry, ConvSpec spec, Fusion fusion, boolean transposed, Operand out,
            Operand[] in) {
        MicroTile tile = WinogradStretch.tile(geometry.outRows);
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, in[1].shape(), tile.rows());
        WinogradForm form = new WinogradForm(geometry.kernelSize);
        WinogradWeights weights = new WinogradWeights(form, tile, geometry, transposed);
        float[] packed = weights.of((CpuBuffer) in[1].buffer(), layout, pool, scratch, buffers);
        float[] start = start(geometry, tile, fusion.bias() ? CpuBuffer.values(in[2]) : null);
        new WinogradConvolution(pool, scratch, geometry, form, spec.dilation(), in[0], fusion.inputSlope(), weights,
                packed, start, epilogue(fusion, in), CpuBuffer.values(out)).run();
    }

    /** What computes convolutions that follow one another, piece by piece; null if it is better to have them one by one. */
    ConvStream stream(List<Deferred.Step> steps) {
        if (steps.size() < 2 || steps.stream().anyMatch(step -> toomPays(step.spec(), step.in()[1].shape())
                || stride3Pays(step.spec(), step.in()[1].shape(), step.transposed()))) {
            return null;
        }
        List<ConvStream.Layer> layers = new ArrayList<>();
        Map<Backend.Buffer, Integer> outputs = new HashMap<>();
        for (Deferred.Step step : steps) {
            Operand[] in = step.in();
            Fusion fusion = step.fusion();
            int first = fusion.bias() ? 3 : 2;
            int[] residuals = new int[in.length - first];
            float[][] residual = new float[residuals.length][];
            for (int i = 0; i < residuals.length; i++) {
                residuals[i] = outputs.getOrDefault(in[first + i].buffer(), -1);
                residual[i] = CpuBuffer.values(in[first + i]);
            }
            layers.add(new ConvStream.Layer(algorithm(step),
                    step.transposed() ? new Backend.Reach(0, 0, step.spec().stride()) : reach(step.spec(), in[1].shape()),
                    in[1].shape().size(), step.out().shape().dim(1),
                    outputs.getOrDefault(in[0].buffer(), -1),
                    Plane.whole(CpuBuffer.values(in[0]), in[0].shape().dim(2)), residuals, residual, fusion,
                    CpuBuffer.values(step.out())));
            outputs.put(step.out().buffer(), layers.size() - 1);
        }
        ConvStream stream = new ConvStream(pool, scratch, layers, steps.getFirst().out().shape().dim(2));
        return stream.pays() ? stream : null;
    }

    private Streamed algorithm(Deferred.Step step) {
        ConvSpec spec = step.spec();
        boolean transposed = step.transposed();
        Operand[] in = step.in();
        Shape weight = in[1].shape();
        CpuBuffer values = (CpuBuffer) in[1].buffer();
        TapGeometry geometry = transposed
                ? TapGeometry.transposed(spec, weight.dim(2), in[0].shape(), step.out().shape())
                : TapGeometry.convolution(spec, weight.dim(2), in[0].shape(), step.out().shape());
        boolean winograd = winogradPays(spec, weight);
        MicroTile tile = winograd ? WinogradStretch.tile(geometry.outRows) : MicroTile.forRows(geometry.outRows);
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, weight, tile.rows());
        float[] start = start(geometry, tile, step.fusion().bias() ? CpuBuffer.values(in[2]) : null);
        if (!winograd) {
            float[] packed = PackedTaps.of(values, layout, geometry, tile, pool, buffers);
            return (maxColumns, source, sink) ->
                    new TapStretch(scratch, geometry, tile, packed, start, maxColumns, source, sink)::run;
        }
        WinogradForm form = new WinogradForm(geometry.kernelSize);
        WinogradWeights weights = new WinogradWeights(form, tile, geometry, transposed);
        float[] packed = weights.of(values, layout, pool, scratch, buffers);
        return (maxColumns, source, sink) -> new WinogradStretches(
                scratch, geometry, form, spec.dilation(), weights, packed, start, maxColumns, source, sink);
    }

    private static Epilogue epilogue(Fusion fusion, Operand[] in) {
        List<float[]> residuals = new ArrayList<>();
        for (int i = fusion.bias() ? 3 : 2; i < in.length; i++) {
            residuals.add(CpuBuffer.values(in[i]));
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

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The convolutions of the cpu backend. This is the place where the algorithm for a layer is chosen: {@link
 * WinogradConvolution} for residual blocks; {@link ToomConvolution} and {@link Stride3Convolution} for wide layers of 5
 * taps; {@link GroupedConvolution} and {@link FourierConvolution} for long filters in groups; {@link WideConvolution}
 * where weights outweigh the columns of a batch, else {@link TapConvolution}, which give the same bits; for the gradient
 * in the weight {@link GroupedCorrelation}, {@link FourierCorrelation}, {@link WinogradCorrelation}, {@link
 * ToomCorrelation}, {@link Stride3Correlation}, {@link WideCorrelation}, {@link LongCorrelation} or {@link
 * TapCorrelation}. The choice depends on the shape alone. Weights in the order that an algorithm wants are kept beside the
 * weight's buffer, so inference packs them once.
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
        boolean pays = switch (taps) {
            case 3 -> channels >= 32;
            case 5, 6 -> channels >= 16 && channels <= 64;
            default -> taps > 6 && channels >= 16;
        };
        return !exact && spec.stride() == 1 && spec.groups() == 1 && weight.dim(1) == channels && pays
                && channels <= 256 && WinogradForm.handles(taps) && WinogradStretch.handles(spec.dilation());
    }

    private boolean toomPays(ConvSpec spec, Shape weight) {
        return !exact && ToomConvolution.suits(spec, weight);
    }

    private boolean stride3Pays(ConvSpec spec, Shape weight, boolean transposed) {
        return !exact && Stride3Transform.suits(spec, weight, transposed);
    }

    private boolean groupedPays(ConvSpec spec, Shape weight) {
        return !exact && GroupedConvolution.suits(spec, weight);
    }

    private boolean fourierPays(ConvSpec spec, Shape weight) {
        return !exact && !groupedPays(spec, weight) && FourierConvolution.suits(spec, weight);
    }

    /** See {@link Backend#reach}. */
    Backend.Reach reach(ConvSpec spec, Shape weight) {
        if (winogradPays(spec, weight)) {
            return WinogradStretch.reach(spec, weight.dim(2));
        }
        if (toomPays(spec, weight)) {
            return ToomConvolution.reach(spec);
        }
        if (groupedPays(spec, weight)) {
            return GroupedConvolution.reach(spec, weight.dim(2));
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
        if (!exact && GroupedCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new GroupedCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBackend.values(out))
                    .run(CpuBackend.values(in[0]), CpuBackend.values(in[1]));
            return;
        }
        if (!exact && FourierCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new FourierCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBackend.values(out))
                    .run(buffers, CpuBackend.values(in[0]), CpuBackend.values(in[1]));
            return;
        }
        if (!exact && WinogradCorrelation.suits(kernel.spec(), out.shape(), g)) {
            new WinogradCorrelation(pool, scratch, kernel.spec(), x, kernel.inputSlope(), g, kernel.gradientSlope(),
                    out.shape(), CpuBackend.values(out))
                    .run(buffers, CpuBackend.values(in[0]), CpuBackend.values(in[1]));
            return;
        }
        TapGeometry geometry = TapGeometry.convolution(kernel.spec(), out.shape().dim(2), x, g);
        if (toomPays(kernel.spec(), out.shape())) {
            new ToomCorrelation(pool, scratch, geometry, in[0], kernel.inputSlope(), in[1], kernel.gradientSlope(),
                    CpuBackend.values(out)).run(buffers);
            return;
        }
        if (!exact && Stride3Transform.suitsGradient(kernel.spec(), out.shape())) {
            new Stride3Correlation(pool, scratch, geometry, in[0], kernel.inputSlope(), in[1], kernel.gradientSlope(),
                    CpuBackend.values(out)).run(buffers);
            return;
        }
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
        if (groupedPays(spec, in[1].shape())) {
            new GroupedConvolution(pool, scratch, spec, transposed, in[0].shape(), CpuBackend.values(in[0]),
                    fusion.inputSlope(), in[1].shape(), CpuBackend.values(in[1]),
                    fusion.bias() ? CpuBackend.values(in[2]) : null, epilogue(fusion, in), out.shape(),
                    CpuBackend.values(out)).run();
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
        if (toomPays(spec, in[1].shape())) {
            new ToomConvolution(pool, scratch, geometry, transposed, tile, in[0], fusion.inputSlope(),
                    CpuBackend.values(in[1]), start, epilogue(fusion, in), CpuBackend.values(out)).run(buffers);
            return;
        }
        if (stride3Pays(spec, in[1].shape(), transposed)) {
            new Stride3Convolution(pool, scratch, geometry, transposed, tile, in[0], fusion.inputSlope(),
                    CpuBackend.values(in[1]), start, epilogue(fusion, in), CpuBackend.values(out)).run(buffers);
            return;
        }
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
        MicroTile tile = WinogradStretch.tile(geometry.outRows);
        PackedTaps.Layout layout = new PackedTaps.Layout(transposed, spec, in[1].shape(), tile.rows());
        WinogradForm form = new WinogradForm(geometry.kernelSize);
        WinogradWeights weights = new WinogradWeights(form, tile, geometry, transposed);
        float[] packed = weights.of((CpuBuffer) in[1].buffer(), layout, pool, scratch, buffers);
        float[] start = start(geometry, tile, fusion.bias() ? CpuBackend.values(in[2]) : null);
        new WinogradConvolution(pool, scratch, geometry, form, spec.dilation(), in[0], fusion.inputSlope(), weights,
                packed, start, epilogue(fusion, in), CpuBackend.values(out)).run();
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
                residual[i] = CpuBackend.values(in[first + i]);
            }
            layers.add(new ConvStream.Layer(algorithm(step),
                    step.transposed() ? new Backend.Reach(0, 0, step.spec().stride()) : reach(step.spec(), in[1].shape()),
                    in[1].shape().size(), step.out().shape().dim(1),
                    outputs.getOrDefault(in[0].buffer(), -1),
                    Plane.whole(CpuBackend.values(in[0]), in[0].shape().dim(2)), residuals, residual, fusion,
                    CpuBackend.values(step.out())));
            outputs.put(step.out().buffer(), layers.size() - 1);
        }
        ConvStream stream = new ConvStream(pool, scratch, layers, steps.getFirst().out().shape().dim(2));
        return stream.pays() ? stream : null;
    }

    private ConvStream.Algorithm algorithm(Deferred.Step step) {
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
        float[] start = start(geometry, tile, step.fusion().bias() ? CpuBackend.values(in[2]) : null);
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

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapPlanes;
import aulos.kernels.cpu.loop.Stride3Transform;

/** Which layers go through {@link Stride3Transform}, and where its tiles lie on their samples and columns. */
public final class Stride3Form {
    /** With fewer channels that a transformed sample meets, transforms weigh too much. */
    private static final int MIN_CHANNELS = 256;
    /** With fewer channels that an output sums, there is too little between transforms. */
    private static final int MIN_SUMMED = 128;

    private Stride3Form() {}

    private static boolean handles(ConvSpec spec, Shape weight) {
        return spec.equals(new ConvSpec(Stride3Transform.STRIDE, 2, 1, 1)) && weight.dim(2) == TapPlanes.TAPS;
    }

    /** Whether a convolution, or a transposed one, of this weight is best computed so. */
    public static boolean suits(ConvSpec spec, Shape weight, boolean transposed) {
        return handles(spec, weight) && weight.dim(transposed ? 1 : 0) >= MIN_CHANNELS
                && weight.dim(transposed ? 0 : 1) >= MIN_SUMMED;
    }

    /** Whether the gradient in the weight is. */
    public static boolean suitsGradient(ConvSpec spec, Shape weight) {
        return handles(spec, weight) && Math.min(weight.dim(0), weight.dim(1)) >= MIN_CHANNELS;
    }

    /** The tap that a pair's later samples meet, its h0. */
    public static int first(int pair) {
        return pair + Stride3Transform.STRIDE;
    }

    /** The tap that a pair's earlier samples meet, its h1. */
    static int second(int pair) {
        return pair;
    }

    /** Tiles that hold all samples of both pairs of a segment of {@code length}, one at least. */
    private static int tiles(int length) {
        return Math.max(1, Math.ceilDiv(length - 1, Stride3Transform.STRIDE * Stride3Transform.SAMPLES));
    }

    /** On the samples x [batch, channel, length]. */
    static SegmentTiles ofSamples(Operand x) {
        int length = x.shape().dim(2);
        int period = Stride3Transform.STRIDE * Math.max(Stride3Transform.SAMPLES * tiles(length), Math.ceilDiv(length, Stride3Transform.STRIDE));
        return new SegmentTiles(x, tiles(length), Stride3Transform.STRIDE * Stride3Transform.SAMPLES, 0, period);
    }

    /** On the columns y [batch, channel, column] that {@code length} samples meet. */
    static SegmentTiles ofColumns(Operand y, int length) {
        int tiles = tiles(length);
        return new SegmentTiles(y, tiles, Stride3Transform.SAMPLES, 0, Math.max(Stride3Transform.SAMPLES * tiles + 1, y.shape().dim(2)));
    }
}

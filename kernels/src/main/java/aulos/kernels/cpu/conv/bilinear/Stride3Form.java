// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.layout.SegmentTiles;
import aulos.kernels.cpu.conv.layout.TapPlanes;
import aulos.kernels.cpu.loop.PhasePoints;

/**
 * 5 taps of stride 3 and padding 2 as filters of stride 1 over the phases of the signal, by few multiplications. Column t
 * receives
 *
 * <pre>y[t] = w[2]·x[3t] + (w[0]·x[3t − 2] + w[3]·x[3t + 1]) + (w[1]·x[3t − 1] + w[4]·x[3t + 2])</pre>
 *
 * A tile is 9 samples, of which 3 meet a column each through w[2], and 3 of either other phase meet 4 columns through 2
 * taps, by 4 multiplications ({@link PhasePoints}). That makes 11 for a tile instead of 15, in all three directions.
 */
public final class Stride3Form {
    /** Phases of two taps. */
    static final int PAIRS = 2;
    static final int STRIDE = 3;
    /** The tap that has a phase of its own. */
    static final int SINGLE = 2;
    /** With fewer channels that a transformed sample meets, transforms weigh too much. */
    private static final int MIN_CHANNELS = 256;
    /** With fewer channels that an output sums, there is too little between transforms. */
    private static final int MIN_SUMMED = 128;

    private Stride3Form() {}

    private static boolean handles(ConvSpec spec, Shape weight) {
        return spec.equals(new ConvSpec(STRIDE, 2, 1, 1)) && weight.dim(2) == TapPlanes.TAPS;
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
        return pair + STRIDE;
    }

    /** The tap that a pair's earlier samples meet, its h1. */
    static int second(int pair) {
        return pair;
    }

    /** Tiles that hold all samples of both pairs of a segment of {@code length}, one at least. */
    private static int tiles(int length) {
        return Math.max(1, Math.ceilDiv(length - 1, STRIDE * PhasePoints.SAMPLES));
    }

    /** On the samples x [batch, channel, length]. */
    static SegmentTiles ofSamples(Operand x) {
        int length = x.shape().dim(2);
        int period = STRIDE * Math.max(PhasePoints.SAMPLES * tiles(length), Math.ceilDiv(length, STRIDE));
        return new SegmentTiles(x, tiles(length), STRIDE * PhasePoints.SAMPLES, 0, period);
    }

    /** On the columns y [batch, channel, column] that {@code length} samples meet. */
    static SegmentTiles ofColumns(Operand y, int length) {
        int tiles = tiles(length);
        return new SegmentTiles(y, tiles, PhasePoints.SAMPLES, 0, Math.max(PhasePoints.SAMPLES * tiles + 1, y.shape().dim(2)));
    }
}

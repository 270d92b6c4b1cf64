// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

/**
 * How the kernels for gradients in the weight share out a layer: what {@code conv_gradient.cl} and
 * {@code conv_gradient_mma.cl} are told of it beyond their own tunables.
 *
 * @param parts of a channel's taps, a power of two, each for another work-item or warp
 * @param taps of a part
 * @param channels of the input, or eights of them, that one takes
 * @param segments that a step can touch
 * @param width samples of the input that a step reads
 */
record GradientShape(int parts, int taps, int channels, int segments, long width) {

    /**
     * @param columns channels times taps that one takes, at most
     * @param step samples of a step
     * @param unit samples that belong together: segments are filled up to whole ones
     */
    static GradientShape of(ConvProblem problem, int columns, int step, int unit) {
        ConvGeometry g = problem.geometry();
        int parts = 1;
        while (Math.ceilDiv(g.kernelSize(), parts) > columns) {
            parts *= 2;
        }
        int taps = Math.ceilDiv(g.kernelSize(), parts);
        int segments = (step - 2 * unit) / filled(g, unit) + 2;
        long stride = g.inStride();
        long reach = (g.kernelSize() - 1L) * -g.dilation();
        long width = (step - 1) * stride + 1 + reach + (segments - 1) * Math.max(0, reach + 1 - stride);
        return new GradientShape(parts, taps, Math.max(1, columns / taps), segments, width);
    }

    /** Samples of a segment with those that fill it up. */
    static int filled(ConvGeometry g, int unit) {
        return Math.ceilDiv(g.columns(), unit) * unit;
    }

    /** @param rolled whether loops over registers stay loops, for processors */
    String options(ConvGeometry g, int step, boolean rolled) {
        return " -DNC=" + channels + " -DK=" + g.kernelSize() + " -DKP=" + taps + " -DPARTS=" + parts + " -DDILATION="
                + -g.dilation() + " -DSTRIDE=" + g.inStride() + " -DTT=" + step + " -DSEGMENTS=" + segments
                + (rolled ? "" : " -DUNROLLED");
    }

    /** The struct Sizes of both kernels. */
    static int[] sizes(ConvGeometry g, int samples, int samplesPerSplit) {
        return new int[] {g.batch(), g.groups(), g.inRows(), g.inLength(), g.outRows(), g.outLength(), -g.padding(),
            samples, samplesPerSplit};
    }
}

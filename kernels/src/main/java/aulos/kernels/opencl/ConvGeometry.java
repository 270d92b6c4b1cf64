// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;

/**
 * A convolution, or a transposed one, as {@code conv.cl} sees it:
 *
 * <pre>out[o, j·outStride + phase] = Σ over c, k of w[o, c, k] · in[c, j·inStride + shift(phase, k)]
 * wherever shift(phase, k) = (phase + padding − k·dilation) / outStride is whole</pre>
 *
 * <p>A convolution has outStride 1 and its padding and dilation negated, a transposed one inStride 1. In both, the taps of
 * a phase are {@code tapStep} apart, and what they read {@code shiftStep} samples.
 *
 * @param inRows channels of one group
 * @param outRows channels of one group
 */
record ConvGeometry(int batch, int groups, int inRows, int inLength, int inStride, int outRows, int outLength,
        int outStride, int kernelSize, int padding, int dilation, boolean transposed) {

    static ConvGeometry convolution(ConvSpec spec, int kernelSize, Shape x, Shape y) {
        reach(spec, kernelSize);
        return new ConvGeometry(x.dim(0), spec.groups(), x.dim(1) / spec.groups(), x.dim(2), spec.stride(),
                y.dim(1) / spec.groups(), y.dim(2), 1, kernelSize, -spec.padding(), -spec.dilation(), false);
    }

    static ConvGeometry transposed(ConvSpec spec, int kernelSize, Shape x, Shape y) {
        reach(spec, kernelSize);
        return new ConvGeometry(x.dim(0), spec.groups(), x.dim(1) / spec.groups(), x.dim(2), 1,
                y.dim(1) / spec.groups(), y.dim(2), spec.stride(), kernelSize, spec.padding(), spec.dilation(), true);
    }

    /** Positions are 32-bit on the device, with some room on both sides for what lies outside. */
    private static void reach(ConvSpec spec, int kernelSize) {
        long reach = (long) spec.dilation() * kernelSize + spec.padding() + spec.stride();
        if (reach > 1 << 29) {
            throw new IllegalArgumentException("conv1d: kernel " + kernelSize + " with " + spec + " reaches over "
                    + reach + " samples, an OpenCL device takes at most " + (1 << 29));
        }
    }

    /** Outputs of one phase in one segment. */
    int columns() {
        return Math.ceilDiv(outLength, outStride);
    }

    int tapStep() {
        return outStride / gcd(Math.abs(dilation), outStride);
    }

    int shiftStep() {
        return -dilation * tapStep() / outStride;
    }

    /** Terms of the longest sum. */
    int rows() {
        return Math.multiplyExact(inRows, Math.ceilDiv(kernelSize, tapStep()));
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** The struct of the same name in {@code conv.cl}. */
    int[] argument(int rows, int splits, int rowsPerSplit) {
        return new int[] {batch, groups, inRows, inLength, inStride, outRows, outLength, outStride, columns(), kernelSize,
            padding, dilation, tapStep(), shiftStep(), rows, splits, rowsPerSplit};
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

/**
 * A convolution, or one phase of a transposed one, as {@code conv_tile.clh} sees it: every row of the input is read by all
 * taps, {@code shift} columns apart.
 *
 * <pre>out[m, j] = Σ over rows r, taps t of w[m, r, t] · in[r, j + t·shift]</pre>
 *
 * <p>A strided convolution has {@code residues} rows for each channel, of every stride-th sample each, whose taps are
 * {@code step} apart in the weights.
 *
 * @param taps of the row, or the phase, that has most
 * @param backwards whether taps are read from the last to the first, as those of a transposed convolution are
 */
record ConvForm(int residues, int step, int taps, int shift, boolean backwards) {

    static ConvForm of(ConvGeometry g) {
        if (g.transposed()) {
            int step = g.tapStep();
            return new ConvForm(1, step, Math.ceilDiv(g.kernelSize(), step), Math.abs(g.shiftStep()), g.shiftStep() < 0);
        }
        int dilation = -g.dilation();
        int step = g.inStride() / gcd(dilation, g.inStride());
        return new ConvForm(Math.min(step, g.kernelSize()), step, Math.ceilDiv(g.kernelSize(), step),
                dilation * step / g.inStride(), false);
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** Columns beyond a tile's own that its taps read, if they are filled up to {@code paddedTaps}. */
    int halo(int paddedTaps) {
        return Math.multiplyExact(paddedTaps - 1, shift);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;

/**
 * What decides how fast a tile is for a convolution: the sizes of its matrix products, {@code products} of m × n with sums
 * of {@code rows} terms.
 *
 * @param weight whether it is a gradient in the weight, whose n are channels and taps and whose rows are samples
 * @param products groups times phases
 * @param precision what the operands are rounded to
 */
record ConvProblem(boolean weight, int m, int n, int rows, int products, int inStride, Precision precision) {

    static ConvProblem taps(ConvGeometry g, Precision precision) {
        return new ConvProblem(false, g.outRows(), Math.multiplyExact(g.batch(), g.columns()), g.rows(),
                Math.multiplyExact(g.groups(), g.outStride()), g.inStride(), precision);
    }

    static ConvProblem weight(ConvGeometry g, Precision precision) {
        return new ConvProblem(true, g.outRows(), Math.multiplyExact(g.inRows(), g.kernelSize()),
                Math.multiplyExact(g.batch(), g.columns()), g.groups(), g.inStride(), precision);
    }

    double flop() {
        return 2.0 * m * n * rows * products;
    }

    /** The layer, without what changes with the length of the audio and the batch. */
    String layer() {
        return (weight ? "weight " + m + "x" + n : "taps " + m + "x" + rows) + " products " + products + " stride "
                + inStride + (precision == Precision.FLOAT32 ? "" : " " + precision);
    }

    /** What changes with the length of the audio and the batch. */
    int length() {
        return weight ? rows : n;
    }
}

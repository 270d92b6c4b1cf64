// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;

/**
 * What decides how a convolution is computed: its sizes, seen as matrix products, {@code products} of m × n with sums of
 * {@code rows} terms.
 *
 * @param weight whether it is a gradient in the weight, whose n are channels and taps and whose rows are samples
 * @param precision what the operands are rounded to
 */
record ConvProblem(ConvGeometry geometry, boolean weight, Precision precision) {

    static ConvProblem taps(ConvGeometry g, Precision precision) {
        return new ConvProblem(g, false, precision);
    }

    static ConvProblem weight(ConvGeometry g, Precision precision) {
        return new ConvProblem(g, true, precision);
    }

    ConvForm form() {
        return ConvForm.of(geometry);
    }

    int m() {
        return geometry.outRows();
    }

    int n() {
        return weight ? Math.multiplyExact(geometry.inRows(), geometry.kernelSize())
                : Math.multiplyExact(geometry.batch(), geometry.columns());
    }

    int rows() {
        return weight ? Math.multiplyExact(geometry.batch(), geometry.columns()) : geometry.rows();
    }

    /** Groups times phases. */
    int products() {
        return weight ? geometry.groups() : Math.multiplyExact(geometry.groups(), geometry.outStride());
    }

    double flop() {
        return 2.0 * m() * n() * rows() * products();
    }

    /** The layer, without what changes with the length of the audio and the batch. */
    String layer() {
        return (weight ? "weight " + m() + "x" + n() : "taps " + m() + "x" + rows()) + " kernel " + geometry.kernelSize()
                + " dilation " + Math.abs(geometry.dilation()) + " products " + products() + " stride "
                + geometry.inStride() + (precision == Precision.FLOAT32 ? "" : " " + precision);
    }

    /** What changes with the length of the audio and the batch. */
    int length() {
        return weight ? rows() : n();
    }
}

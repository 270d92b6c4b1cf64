// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

/** The kernels of {@code conv.cl}. */
enum ConvKernel {
    /** A convolution or its transpose, as a matrix product in tiles. */
    TAPS("conv_taps"),
    /** The gradient in the weight, as a matrix product in tiles. */
    WEIGHT("conv_weight"),
    /** A convolution or its transpose with few channels in or out, each work-item by itself. */
    FEW("conv_few");

    private final String function;

    ConvKernel(String function) {
        this.function = function;
    }

    /** Its name in the source. */
    String function() {
        return function;
    }
}

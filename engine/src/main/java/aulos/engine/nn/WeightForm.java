// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

/** How a convolution holds its weight, which decides the names in the state dict. */
public enum WeightForm {
    /** One tensor, {@code weight}. */
    PLAIN,
    /** {@code weight_g} and {@code weight_v}: {@link WeightNorm}. */
    WEIGHT_NORM,
    /** {@code weight_orig} and the buffers {@code weight_u} and {@code weight_v}: {@link SpectralNorm}. */
    SPECTRAL_NORM
}

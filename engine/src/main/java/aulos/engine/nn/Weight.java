// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Tensor;

/** The weight of a convolution, however it is held. */
sealed interface Weight permits PlainWeight, WeightNorm, SpectralNorm {

    /** The weight to convolve with, computed anew at each call if it is held in parts. */
    Tensor value();
}

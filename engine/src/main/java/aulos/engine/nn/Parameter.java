// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Tensor;

/**
 * A trainable tensor and its name in the state dict.
 *
 * @param name the full path, as in {@code resblocks.0.convs1.0.weight_g}
 */
public record Parameter(String name, Tensor tensor) {}

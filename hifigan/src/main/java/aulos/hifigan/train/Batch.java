// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;

/**
 * The segments of one forward pass, on the host.
 *
 * @param mel x, [B, mels, frames]
 * @param audio y, [B, 1, frames·hop]
 */
record Batch(NdArray mel, NdArray audio) {}

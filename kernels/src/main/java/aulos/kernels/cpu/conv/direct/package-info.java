// SPDX-License-Identifier: Apache-2.0
/**
 * Convolutions and their gradients in the weight, summed as their formulas say.
 */
package aulos.kernels.cpu.conv.direct;

// SPDX-License-Identifier: Apache-2.0
/**
 * Convolutions: which algorithm computes a layer, and how several layers are computed together.
 */
package aulos.kernels.cpu.conv;

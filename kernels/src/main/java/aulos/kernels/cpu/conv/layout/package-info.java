// SPDX-License-Identifier: Apache-2.0
/**
 * Where samples, weights and columns lie, and how they get there.
 */
package aulos.kernels.cpu.conv.layout;

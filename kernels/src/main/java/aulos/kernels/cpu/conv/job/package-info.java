// SPDX-License-Identifier: Apache-2.0
/**
 * What is asked of a convolution, and what its algorithms are asked by.
 */
package aulos.kernels.cpu.conv.job;

// SPDX-License-Identifier: Apache-2.0
/**
 * Convolutions by few multiplications, A[(G·w) ⊙ (B·x)]: Toom, Cook, Winograd and Fourier.
 */
package aulos.kernels.cpu.conv.bilinear;

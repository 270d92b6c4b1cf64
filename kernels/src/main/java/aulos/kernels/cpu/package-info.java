// SPDX-License-Identifier: Apache-2.0
/**
 * The processor as a device; {@link aulos.kernels.cpu.CpuBackend} is the entry point. Each family of kernels has a
 * class that splits the work among threads; where there is arithmetic, it ends in a pair of static loops,
 * {@code …Vector} and {@code …Scalar}, that give the same bits.
 */
package aulos.kernels.cpu;

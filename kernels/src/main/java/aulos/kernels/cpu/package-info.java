// SPDX-License-Identifier: Apache-2.0
/**
 * The processor as a device; {@link aulos.kernels.cpu.CpuBackend} is the entry point. The packages below it, each of which
 * uses only those before it: {@code run} (threads and memory), {@code loop} (innermost loops), {@code kernel}, {@code conv}.
 */
package aulos.kernels.cpu;

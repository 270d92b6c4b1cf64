// SPDX-License-Identifier: Apache-2.0
/**
 * What kernels run on: threads ({@link aulos.kernels.cpu.run.WorkerPool} wakes them), buffers, scratch memory, and which
 * vectors there are.
 */
package aulos.kernels.cpu.run;

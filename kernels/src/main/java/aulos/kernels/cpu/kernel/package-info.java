// SPDX-License-Identifier: Apache-2.0
/**
 * All kernels but the convolutions, one class for each family. They divide the work among threads.
 */
package aulos.kernels.cpu.kernel;

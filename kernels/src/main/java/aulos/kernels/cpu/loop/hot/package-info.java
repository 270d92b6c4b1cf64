// SPDX-License-Identifier: Apache-2.0
/**
 * Vector loops behind a generator's convolutions: {@code jvm.flags} has them compiled after three calls.
 */
package aulos.kernels.cpu.loop.hot;

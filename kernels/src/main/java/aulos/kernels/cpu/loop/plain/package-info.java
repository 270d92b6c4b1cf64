// SPDX-License-Identifier: Apache-2.0
/**
 * Loops without vectors. They run where the incubator module is missing.
 */
package aulos.kernels.cpu.loop.plain;

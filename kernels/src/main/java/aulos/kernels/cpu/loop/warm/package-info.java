// SPDX-License-Identifier: Apache-2.0
/**
 * Vector loops of spectrograms and of training: {@code jvm.flags} has them compiled after hundreds of calls.
 */
package aulos.kernels.cpu.loop.warm;

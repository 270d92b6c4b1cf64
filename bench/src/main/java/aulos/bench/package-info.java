// SPDX-License-Identifier: Apache-2.0
/**
 * Comparisons, all of them behind {@link aulos.bench.Bench}: of the speed of vocoding and of training against other
 * programs, of convolutions against the machine; of sound against Griffin-Lim. Nothing here is needed to vocode.
 */
package aulos.bench;

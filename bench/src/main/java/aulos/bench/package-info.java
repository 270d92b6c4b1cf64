// SPDX-License-Identifier: Apache-2.0
/**
 * Comparisons of speed: {@link aulos.bench.Peers} against other programs, {@link aulos.bench.ConvShapes} against the
 * machine. Nothing here is needed to vocode.
 */
package aulos.bench;

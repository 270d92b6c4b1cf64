// SPDX-License-Identifier: Apache-2.0
/**
 * Comparisons: of speed, {@link aulos.bench.Peers} against other programs and {@link aulos.bench.ConvShapes} against the
 * machine; of sound, {@link aulos.bench.GriffinLimVocode} as a baseline. Nothing here is needed to vocode.
 */
package aulos.bench;

// SPDX-License-Identifier: Apache-2.0
/**
 * What training tells about itself: {@link aulos.hifigan.train.log.EventWriter} for TensorBoard,
 * {@link aulos.hifigan.train.log.SpectrogramImage} and {@link aulos.hifigan.train.log.LossCurve} for the eye.
 */
package aulos.hifigan.train.log;

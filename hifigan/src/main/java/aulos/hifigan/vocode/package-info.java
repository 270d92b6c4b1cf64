// SPDX-License-Identifier: Apache-2.0
/** From mel spectrograms to audio: {@link aulos.hifigan.vocode.Vocoder}. */
package aulos.hifigan.vocode;

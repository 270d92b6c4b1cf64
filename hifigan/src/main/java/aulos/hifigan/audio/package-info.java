// SPDX-License-Identifier: Apache-2.0
/**
 * Sound in and out of files, and what turns it into mels: {@link aulos.hifigan.audio.AudioFile} reads,
 * {@link aulos.hifigan.audio.WavWriter} writes, {@link aulos.hifigan.audio.MelFilterBank} and
 * {@link aulos.hifigan.audio.HannWindow} hold the constants of the mel spectrogram.
 */
package aulos.hifigan.audio;

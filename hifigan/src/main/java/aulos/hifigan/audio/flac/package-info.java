// SPDX-License-Identifier: Apache-2.0
/** FLAC, the Free Lossless Audio Codec, decoded as RFC 9639 describes it; {@link FlacDecoder} is where to begin. */
package aulos.hifigan.audio.flac;

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.nio.file.Path;

/**
 * One line of a list file.
 *
 * @param id its first field
 * @param audio the WAV or FLAC file
 * @param mel for fine-tuning, the mel that an acoustic model made of the same utterance; else null
 */
record Clip(String id, Path audio, Path mel) {}

// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints. Entry points: {@link aulos.hifigan.io.StateDict} (the weights of a generator, whatever the container),
 * {@link aulos.hifigan.io.PyTorchFile} and {@link aulos.hifigan.io.CheckpointContents} (what is in a file, without reading it
 * all). Files of arrays are read and written by {@link aulos.engine.io}.
 *
 * <p>A file is hostile until it is read: every length in it is held against what the file really has before anything is
 * allocated, nothing it asks for is executed, and whatever is wrong with it becomes an {@link java.io.IOException}
 * whose message is one line that starts with the file's name.
 */
package aulos.hifigan.io;

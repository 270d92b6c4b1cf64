// SPDX-License-Identifier: Apache-2.0
/**
 * Weights and mels in files. Entry points: {@link aulos.hifigan.io.StateDict} (the weights of a generator, whatever the
 * container), {@link aulos.hifigan.io.PyTorchFile}, {@link aulos.hifigan.io.Safetensors}, {@link aulos.hifigan.io.Npy},
 * {@link aulos.hifigan.io.CheckpointContents} (what is in a file, without reading it all), and
 * {@link aulos.hifigan.io.AtomicFile}, through which every output file goes.
 *
 * <p>A file is hostile until it is read: every length in it is held against what the file really has before anything is
 * allocated, nothing it asks for is executed, and whatever is wrong with it becomes an {@link java.io.IOException}
 * whose message is one line that starts with the file's name.
 */
package aulos.hifigan.io;

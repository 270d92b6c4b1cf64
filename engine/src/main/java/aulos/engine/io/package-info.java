// SPDX-License-Identifier: Apache-2.0
/**
 * Arrays in files: {@link aulos.engine.io.Safetensors} (several, under names), {@link aulos.engine.io.Npy} (one), and what
 * readers and writers of other formats need: {@link aulos.engine.io.InputFile}, {@link aulos.engine.io.Dtype} and
 * {@link aulos.engine.io.AtomicFile}, through which every output file goes.
 *
 * <p>A file is hostile until it is read: every length in it is held against what the file really has before anything is
 * allocated, nothing it asks for is executed, and whatever is wrong with it becomes an {@link java.io.IOException}
 * whose message is one line that starts with the file's name.
 */
package aulos.engine.io;

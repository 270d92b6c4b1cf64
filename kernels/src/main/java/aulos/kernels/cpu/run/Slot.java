// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/**
 * What a worker's {@link Scratch} arrays hold. An algorithm that is done with one may use it again for something else; none
 * uses what those that call it hold: {@link #PART} and {@link #COPY} belong to helpers of several algorithms, {@link
 * #STREAM} to what runs other algorithms piece by piece.
 */
public enum Slot {
    /** Samples as they were gathered. */
    SAMPLES,
    /** The same of a gradient. */
    GRADIENT,
    /** Samples of one channel, or a few. */
    LINE,
    /** Of the same size as another, for what cannot be done in place. */
    SPARE,
    /** Samples or weights taken apart into phases. */
    PHASES,
    /** Transformed samples. */
    POINTS,
    /** Transformed or packed weights, or what takes their place in a gradient. */
    WEIGHTS,
    SUMS,
    /** Sums of a piece, before they are added to the others. */
    PART,
    /** Between two steps of a transform. */
    WORK,
    OUTPUT,
    /** A stretch of weights, copied in the order in which they lie. */
    COPY,
    /** Signals between layers. */
    STREAM
}

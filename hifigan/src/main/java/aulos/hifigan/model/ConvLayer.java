// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;

/**
 * One convolution of a generator. Its input is [B, inChannels, T]; every one has a bias and one group.
 *
 * @param name where it is in the state dict, as in {@code resblocks.4.convs1.2}
 * @param transposed whether it is a transposed convolution, which upsamples by {@code spec.stride()}
 * @param positionsPerFrame how often its kernel is applied for each mel frame
 */
public record ConvLayer(
        String name,
        boolean transposed,
        int inChannels,
        int outChannels,
        int kernelSize,
        ConvSpec spec,
        long positionsPerFrame) {

    /** [out, in, k], and [in, out, k] if transposed. */
    public Shape weightShape() {
        return transposed
                ? Shape.of(inChannels, outChannels, kernelSize)
                : Shape.of(outChannels, inChannels, kernelSize);
    }

    /** [out] */
    public Shape biasShape() {
        return Shape.of(outChannels);
    }

    /** Of weight norm's g, one for each index of the weight's first dimension: [out, 1, 1], or [in, 1, 1]. */
    public Shape gainShape() {
        return Shape.of(transposed ? inChannels : outChannels, 1, 1);
    }

    /** Multiply-accumulates for each mel frame. */
    public long macsPerFrame() {
        return positionsPerFrame * inChannels * outChannels * kernelSize;
    }

    long weights() {
        return (long) inChannels * outChannels * kernelSize;
    }
}

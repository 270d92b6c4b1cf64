// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Fusion;
import aulos.engine.Tensor;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.Layer;
import aulos.engine.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of every sub-discriminator: convolutions {@code convs.n}, each followed by a leaky ReLU of slope 0.1, and
 * {@code conv_post} without one.
 */
abstract class ConvolutionStack extends Layer {
    private static final double SLOPE = 0.1;

    private final List<Conv1dLayer> convolutions = new ArrayList<>();
    private Conv1dLayer post;

    ConvolutionStack(Weights weights) {
        super(weights);
    }

    final void add(Conv1dLayer convolution) {
        convolutions.add(child(convolution));
    }

    final void finish(Conv1dLayer last) {
        post = child(last);
    }

    /** All feature maps of an input [B, 1, T], the score's last. */
    final Judgement stack(Tensor input) {
        return new Judgement(scopedAll(() -> {
            List<Tensor> maps = new ArrayList<>();
            Tensor x = input;
            for (Conv1dLayer convolution : convolutions) {
                x = convolution.forward(x).leakyRelu(SLOPE);
                maps.add(x);
            }
            maps.add(post.forward(x, Fusion.NONE));
            return maps;
        }));
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Fusion;
import aulos.engine.Tape;
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

    /** As {@link #stack} for two inputs [B, 1, T], layer by layer; a tape records only what is done to the second. */
    final void stack(Tensor constant, Tensor input, Comparison into) {
        List<Tensor> maps = scopedAll(() -> {
            List<Tensor> constants = new ArrayList<>();
            List<Tensor> recorded = new ArrayList<>();
            Tensor[] x = {constant, input};
            for (Conv1dLayer convolution : convolutions) {
                Tensor[] y = both(convolution, x);
                x = new Tensor[] {Tape.paused(() -> y[0].leakyRelu(SLOPE)), y[1].leakyRelu(SLOPE)};
                constants.add(x[0]);
                recorded.add(x[1]);
            }
            Tensor[] scores = both(post, x);
            constants.add(scores[0]);
            recorded.add(scores[1]);
            constants.addAll(recorded);
            return constants;
        });
        int layers = maps.size() / 2;
        into.add(new Judgement(maps.subList(0, layers)), new Judgement(maps.subList(layers, maps.size())));
    }

    private static Tensor[] both(Conv1dLayer convolution, Tensor[] x) {
        Tensor[] y = new Tensor[2];
        x[0].backend().together(() -> {
            y[0] = Tape.paused(() -> convolution.forward(x[0]));
            y[1] = convolution.forward(x[1]);
        });
        return y;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Tensor;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.Layer;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * A residual block of the multi-receptive-field fusion (paper, section 2.2 and appendix A.1), either kind. Each step adds
 * to x what one or two convolutions make of it, each behind a leaky ReLU of slope 0.1:
 *
 * <pre>kind "1": x += conv_{k,1}(lrelu(conv_{k,d}(lrelu(x))))     kind "2": x += conv_{k,d}(lrelu(x))</pre>
 */
final class ResBlock extends Layer {
    static final double SLOPE = 0.1;

    /** The convolutions of one step, in order: two of kind "1", one of kind "2". */
    private final List<List<Conv1dLayer>> steps = new ArrayList<>();

    ResBlock(Weights weights, ResBlockKind kind, int channels, int kernel, List<Integer> dilations, WeightForm form) {
        super(weights);
        String dilated = switch (kind) {
            case RESBLOCK1 -> "convs1.";
            case RESBLOCK2 -> "convs.";
        };
        for (int n = 0; n < dilations.size(); n++) {
            steps.add(new ArrayList<>());
            steps.get(n).add(convolution(weights.at(dilated + n), channels, kernel, dilations.get(n), form));
        }
        for (int n = 0; n < dilations.size() && kind == ResBlockKind.RESBLOCK1; n++) {
            steps.get(n).add(convolution(weights.at("convs2." + n), channels, kernel, 1, form));
        }
    }

    private Conv1dLayer convolution(Weights weights, int channels, int kernel, int dilation, WeightForm form) {
        return child(new Conv1dLayer(weights, channels, channels, kernel, ConvSpec.same(kernel, dilation), form));
    }

    /**
     * The block's output, with the sum over the stage's blocks fused into its last convolution:
     * scale·(block(x) + others).
     *
     * @param x [B, channels, T]
     * @param others sum of the other blocks' outputs, or null
     */
    Tensor forward(Tensor x, Tensor others, double scale) {
        return scoped(() -> {
            Tensor value = x;
            for (int n = 0; n < steps.size(); n++) {
                boolean last = n == steps.size() - 1;
                value = step(steps.get(n), value, last ? others : null, last ? scale : 1);
            }
            return value;
        });
    }

    private static Tensor step(List<Conv1dLayer> convolutions, Tensor x, Tensor others, double scale) {
        Fusion activated = Fusion.NONE.withInputSlope(SLOPE);
        Tensor value = x;
        for (Conv1dLayer inner : convolutions.subList(0, convolutions.size() - 1)) {
            value = inner.forward(value, activated);
        }
        Tensor[] residuals = others == null ? new Tensor[] {x} : new Tensor[] {x, others};
        return convolutions.getLast().forward(value, activated.withScale(scale), residuals);
    }
}

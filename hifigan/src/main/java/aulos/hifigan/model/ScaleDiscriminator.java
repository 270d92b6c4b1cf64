// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.ConvSpec;
import aulos.engine.Tensor;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;

/** Sees the audio, or a smoothed version of it, through strided and grouped convolutions (paper, section 2.3). */
final class ScaleDiscriminator extends ConvolutionStack {

    /** Channel counts are those before a width divisor is applied. */
    private record Row(int out, int kernel, int stride, int groups) {}

    private static final Row[] ROWS = {
        new Row(128, 15, 1, 1),
        new Row(128, 41, 2, 4),
        new Row(256, 41, 2, 16),
        new Row(512, 41, 4, 16),
        new Row(1024, 41, 4, 16),
        new Row(1024, 41, 1, 16),
        new Row(1024, 5, 1, 1),
    };

    ScaleDiscriminator(Weights weights, WeightForm form, int widthDivisor) {
        super(weights);
        int in = 1;
        for (int n = 0; n < ROWS.length; n++) {
            Row row = ROWS[n];
            int out = row.out / widthDivisor;
            add(new Conv1dLayer(weights.at("convs." + n), in, out, row.kernel,
                    new ConvSpec(row.stride, row.kernel / 2, 1, row.groups), form));
            in = out;
        }
        finish(new Conv1dLayer(weights.at("conv_post"), in, 1, 3, ConvSpec.same(3, 1), form));
    }

    Judgement judge(Tensor audio) {
        return stack(audio);
    }

    void compare(Tensor real, Tensor generated, Comparison into) {
        stack(real, generated, into);
    }
}

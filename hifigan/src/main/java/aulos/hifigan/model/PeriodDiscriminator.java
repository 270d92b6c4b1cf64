// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.ConvSpec;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;

/**
 * Sees every p-th sample (paper, section 2.3): the audio, reflect-padded to a multiple of p, is laid out as [T/p, p] and
 * convolved along the columns. Columns never meet, so here they are folded into the batch and the convolutions are
 * one-dimensional.
 */
final class PeriodDiscriminator extends ConvolutionStack {
    private static final int[] CHANNELS = {32, 128, 512, 1024, 1024};
    private static final int KERNEL = 5;
    private static final int STRIDE = 3;

    private final int period;

    PeriodDiscriminator(Weights weights, int period, int widthDivisor) {
        super(weights);
        this.period = period;
        int in = 1;
        for (int n = 0; n < CHANNELS.length; n++) {
            int out = CHANNELS[n] / widthDivisor;
            int stride = n < CHANNELS.length - 1 ? STRIDE : 1;
            add(Conv1dLayer.ofColumns(weights.at("convs." + n), in, out, KERNEL,
                    new ConvSpec(stride, KERNEL / 2, 1, 1), WeightForm.WEIGHT_NORM));
            in = out;
        }
        finish(Conv1dLayer.ofColumns(
                weights.at("conv_post"), in, 1, 3, ConvSpec.same(3, 1), WeightForm.WEIGHT_NORM));
    }

    Judgement judge(Tensor audio) {
        return stack(columns(audio));
    }

    void compare(Tensor real, Tensor generated, Comparison into) {
        stack(Tape.paused(() -> columns(real)), columns(generated), into);
    }

    /** [B, 1, T] → [B·p, 1, ⌈T/p⌉] */
    private Tensor columns(Tensor audio) {
        int batch = audio.shape().dim(0);
        int rest = audio.shape().dim(-1) % period;
        Tensor padded = rest == 0 ? audio : audio.reflectPad(0, period - rest);
        int rows = padded.shape().dim(-1) / period;
        return padded.reshape(batch, rows, period).permute(0, 2, 1).reshape(batch * period, 1, rows);
    }
}

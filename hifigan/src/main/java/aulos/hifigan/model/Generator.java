// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.ConvTranspose1dLayer;
import aulos.engine.nn.Layer;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The generator (paper, section 2.2): a log-mel spectrogram [B, mels, frames] to audio [B, 1, samples] in (−1, 1).
 * Each stage upsamples by a transposed convolution and averages its residual blocks; names are those of the official
 * state dict.
 */
public final class Generator extends Layer {
    /** The official code leaves the last leaky ReLU at PyTorch's default slope. */
    private static final double LAST_SLOPE = 0.01;

    private final Conv1dLayer pre;
    private final List<ConvTranspose1dLayer> upsamplers = new ArrayList<>();
    private final List<ResBlock> blocks = new ArrayList<>();
    private final Conv1dLayer post;
    private final int blocksPerStage;
    private boolean recompute;

    /**
     * @param form {@link WeightForm#WEIGHT_NORM} to train, {@link WeightForm#PLAIN} for folded weights
     * @throws IllegalArgumentException if the weights do not fit the configuration; names the first that does not
     */
    public Generator(HifiGanConfig config, Weights weights, WeightForm form) {
        super(weights);
        blocksPerStage = config.resblockKernelSizes().size();
        pre = child(new Conv1dLayer(
                weights.at("conv_pre"), config.mel().mels(), config.channels(0), 7, ConvSpec.same(7, 1), form));
        for (int i = 0; i < config.stages(); i++) {
            upsamplers.add(child(new ConvTranspose1dLayer(weights.at("ups." + i), config.channels(i),
                    config.channels(i + 1), config.upsampleKernelSizes().get(i), config.upsampling(i), form)));
        }
        for (int i = 0; i < config.stages() * blocksPerStage; i++) {
            int j = i % blocksPerStage;
            blocks.add(child(new ResBlock(weights.at("resblocks." + i), config.resblock(),
                    config.channels(i / blocksPerStage + 1), config.resblockKernelSizes().get(j),
                    config.resblockDilationSizes().get(j), form)));
        }
        post = child(new Conv1dLayer(
                weights.at("conv_post"), config.channels(config.stages()), 1, 7, ConvSpec.same(7, 1), form));
        weights.requireAllTaken();
    }

    /**
     * Whether a tape is to keep only what enters the residual blocks of each stage, and to run the blocks again in the
     * backward pass: less memory for more time ({@link Tape#checkpointed}).
     */
    public void recompute(boolean on) {
        recompute = on;
    }

    /**
     * @param mel [B, mels, frames]
     * @return audio [B, 1, {@link HifiGanConfig#samples samples(frames)}]
     */
    public Tensor forward(Tensor mel) {
        return scoped(() -> {
            Tensor x = pre.forward(mel);
            for (int i = 0; i < upsamplers.size() - 1; i++) {
                x = stage(i, x);
            }
            return end(x);
        });
    }

    /** The last stage and what makes audio of it. */
    private Tensor end(Tensor input) {
        return Scope.runTogether(input.backend(), () ->
                post.forward(stage(upsamplers.size() - 1, input), Fusion.NONE.withInputSlope(LAST_SLOPE).withTanh(true)));
    }

    /** Upsamples, then takes the mean over the stage's blocks. */
    private Tensor stage(int index, Tensor input) {
        return Scope.runTogether(input.backend(), () -> {
            Tensor x = upsamplers.get(index).forward(input, Fusion.NONE.withInputSlope(ResBlock.SLOPE));
            return recompute ? Tape.checkpointed(() -> mean(index, x)) : mean(index, x);
        });
    }

    /** The running sum goes through the blocks' last convolutions. */
    private Tensor mean(int index, Tensor x) {
        Tensor sum = null;
        for (int j = 0; j < blocksPerStage; j++) {
            double scale = j == blocksPerStage - 1 ? 1.0 / blocksPerStage : 1;
            sum = blocks.get(index * blocksPerStage + j).forward(x, sum, scale);
        }
        return sum;
    }
}

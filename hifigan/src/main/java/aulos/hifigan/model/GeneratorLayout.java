// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Backend.Reach;
import aulos.engine.ConvSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What follows from a configuration about the generator: its convolutions, and how far its output can see. */
final class GeneratorLayout {
    /** Of conv_pre and conv_post. */
    private static final int OUTER_KERNEL = 7;

    private GeneratorLayout() {}

    /** All convolutions in the order of the official state dict, which is also the order of optimiser state. */
    static List<ConvLayer> layers(HifiGanConfig config) {
        List<ConvLayer> layers = new ArrayList<>();
        layers.add(same("conv_pre", config.mel().mels(), config.channels(0), OUTER_KERNEL, 1, 1));
        long rate = 1;
        for (int i = 0; i < config.stages(); i++) {
            layers.add(new ConvLayer("ups." + i, true, config.channels(i), config.channels(i + 1),
                    config.upsampleKernelSizes().get(i), config.upsampling(i), rate));
            rate *= config.upsampleRates().get(i);
        }
        rate = 1;
        int block = 0;
        for (int i = 0; i < config.stages(); i++) {
            rate *= config.upsampleRates().get(i);
            for (int j = 0; j < config.resblockKernelSizes().size(); j++) {
                addBlock(layers, config, "resblocks." + block++ + ".", config.channels(i + 1), j, rate);
            }
        }
        layers.add(same("conv_post", config.channels(config.stages()), 1, OUTER_KERNEL, 1, rate));
        return List.copyOf(layers);
    }

    private static void addBlock(
            List<ConvLayer> layers, HifiGanConfig config, String prefix, int channels, int j, long rate) {
        int kernel = config.resblockKernelSizes().get(j);
        List<Integer> dilations = config.resblockDilationSizes().get(j);
        String dilated = switch (config.resblock()) {
            case RESBLOCK1 -> "convs1.";
            case RESBLOCK2 -> "convs.";
        };
        for (int n = 0; n < dilations.size(); n++) {
            layers.add(same(prefix + dilated + n, channels, channels, kernel, dilations.get(n), rate));
        }
        switch (config.resblock()) {
            case RESBLOCK1 -> {
                for (int n = 0; n < dilations.size(); n++) {
                    layers.add(same(prefix + "convs2." + n, channels, channels, kernel, 1, rate));
                }
            }
            case RESBLOCK2 -> { }
        }
    }

    private static ConvLayer same(String name, int in, int out, int kernel, int dilation, long rate) {
        return new ConvLayer(name, false, in, out, kernel, ConvSpec.same(kernel, dilation), rate);
    }

    /**
     * Follows the samples of one frame back to the mel frames they are made from. The first and the last sample decide,
     * since what a sample is made from moves with it.
     *
     * @param reach of each convolution that is not transposed, in samples
     * @return in frames
     */
    static Reach reach(HifiGanConfig config, Function<ConvLayer, Reach> reach) {
        List<ConvLayer> layers = layers(config);
        Reach pre = reach.apply(layers.getFirst());
        Reach post = reach.apply(layers.getLast());
        long first = -post.before();
        long last = config.mel().hopSize() - 1 + post.after();
        for (int i = config.stages() - 1; i >= 0; i--) {
            int stride = config.upsampleRates().get(i);
            int kernel = config.upsampleKernelSizes().get(i);
            int padding = config.upsampling(i).padding();
            Reach widest = stageReach(config, i, layers, reach);
            first = Math.ceilDiv(first - widest.before() + padding - (kernel - 1), stride);
            last = Math.floorDiv(last + widest.after() + padding, stride);
        }
        long grid = 1;
        for (ConvLayer layer : layers) {
            if (!layer.transposed()) {
                long frames = inFrames(reach.apply(layer).grid(), layer.positionsPerFrame());
                grid *= inFrames(frames, grid);
            }
        }
        return new Reach(Math.toIntExact(pre.before() - first), Math.toIntExact(last + pre.after()),
                Math.toIntExact(grid));
    }

    /** The fewest frames, of so many samples each, that are a multiple of {@code grid} samples: grid / gcd. */
    private static long inFrames(long grid, long samplesPerFrame) {
        long divisor = grid;
        for (long rest = samplesPerFrame; rest != 0;) {
            long next = divisor % rest;
            divisor = rest;
            rest = next;
        }
        return grid / divisor;
    }

    /** What the outputs of a stage's resblocks depend on, in samples of that stage. */
    private static Reach stageReach(
            HifiGanConfig config, int stage, List<ConvLayer> layers, Function<ConvLayer, Reach> reach) {
        int blocks = config.resblockKernelSizes().size();
        int before = 0;
        int after = 0;
        long grid = 1;
        for (int block = stage * blocks; block < (stage + 1) * blocks; block++) {
            String prefix = "resblocks." + block + ".";
            List<Reach> steps = layers.stream().filter(layer -> layer.name().startsWith(prefix)).map(reach).toList();
            before = Math.max(before, steps.stream().mapToInt(Reach::before).sum());
            after = Math.max(after, steps.stream().mapToInt(Reach::after).sum());
            for (Reach step : steps) {
                grid *= inFrames(step.grid(), grid);
            }
        }
        return new Reach(before, after, Math.toIntExact(grid));
    }
}

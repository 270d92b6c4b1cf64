// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code config.json} beside a checkpoint: the generator's size, its mel spectrogram, its training. The
 * generator of every instance is consistent; what only mel spectrograms of audio or only training need is checked where
 * it is used ({@link MelConfig#requireAnalysis}, {@link #requireTrainable}). Messages call the values by their keys in the file. Meanings and bounds follow the official
 * implementation (<a href="https://github.com/jik876/hifi-gan">jik876/hifi-gan</a>) and the paper, arXiv 2010.05646.
 *
 * @param resblock {@code resblock}: which residual block
 * @param upsampleRates {@code upsample_rates}: stride of each stage's transposed convolution; their product is the hop
 * @param upsampleKernelSizes {@code upsample_kernel_sizes}: its kernel, at least the stride; where kernel − stride is odd,
 *     the stage gives one sample more than stride · length
 * @param upsampleInitialChannel {@code upsample_initial_channel}: channels before the first stage; each stage halves
 *     them
 * @param resblockKernelSizes {@code resblock_kernel_sizes}: kernel of each resblock of a stage, odd
 * @param resblockDilationSizes {@code resblock_dilation_sizes}: dilations of each resblock of a stage
 */
public record HifiGanConfig(
        ResBlockKind resblock,
        List<Integer> upsampleRates,
        List<Integer> upsampleKernelSizes,
        int upsampleInitialChannel,
        List<Integer> resblockKernelSizes,
        List<List<Integer>> resblockDilationSizes,
        MelConfig mel,
        TrainingConfig training) {

    private static final int MAX_STAGES = 12;
    private static final int MAX_BLOCKS = 16;
    private static final long MAX_PARAMETERS = 1_000_000_000;

    private static final MelConfig PAPER_MEL = new MelConfig(80, 1024, 256, 1024, 22_050, 0, 8000);

    /** The paper's best-sounding generator: 13.9 million parameters. */
    public static final HifiGanConfig V1 = new HifiGanConfig(
            ResBlockKind.RESBLOCK1, List.of(8, 8, 2, 2), List.of(16, 16, 4, 4), 512,
            List.of(3, 7, 11), List.of(List.of(1, 3, 5), List.of(1, 3, 5), List.of(1, 3, 5)),
            PAPER_MEL, TrainingConfig.usual(PAPER_MEL));

    /** V1 with a quarter of the channels: 0.93 million parameters. */
    public static final HifiGanConfig V2 = new HifiGanConfig(
            V1.resblock, V1.upsampleRates, V1.upsampleKernelSizes, 128,
            V1.resblockKernelSizes, V1.resblockDilationSizes, V1.mel, V1.training);

    /** The paper's fastest on a GPU, with three stages: 1.46 million parameters. */
    public static final HifiGanConfig V3 = new HifiGanConfig(
            ResBlockKind.RESBLOCK2, List.of(8, 8, 4), List.of(16, 16, 8), 256,
            List.of(3, 5, 7), List.of(List.of(1, 2), List.of(2, 6), List.of(3, 12)),
            PAPER_MEL, TrainingConfig.usual(PAPER_MEL));

    /** @throws IllegalArgumentException if a value is out of range or contradicts another; names keys and values */
    public HifiGanConfig {
        upsampleRates = List.copyOf(upsampleRates);
        upsampleKernelSizes = List.copyOf(upsampleKernelSizes);
        resblockKernelSizes = List.copyOf(resblockKernelSizes);
        resblockDilationSizes = resblockDilationSizes.stream().map(List::copyOf).toList();
        checkStages(upsampleRates, upsampleKernelSizes, upsampleInitialChannel, mel.hopSize());
        checkBlocks(resblock, resblockKernelSizes, resblockDilationSizes);
        checkSize(upsampleInitialChannel, upsampleKernelSizes, resblockKernelSizes, resblock.dilations());
    }

    /**
     * Reads a configuration to vocode with. The keys of the generator must be there, and {@code num_mels},
     * {@code hop_size} and {@code sampling_rate}. Those of training may be missing and are then the paper's. What is
     * wrong with any other shows when it is used. Unknown keys are ignored.
     *
     * @throws IOException if the file cannot be read, is no JSON object, lacks a key, or contradicts itself; the
     *     message names the file and the key
     */
    public static HifiGanConfig read(Path file) throws IOException {
        return ConfigJson.read(file);
    }

    /**
     * As {@link #read}, to train with: every key that is known must be good.
     *
     * @throws IOException as {@link #read} does, and where {@link #requireTrainable} refuses
     */
    public static HifiGanConfig readForTraining(Path file) throws IOException {
        return ConfigJson.readForTraining(file);
    }

    /**
     * Refuses what can be vocoded with, perhaps, but not trained.
     *
     * @throws IllegalArgumentException naming key and value
     */
    public void requireTrainable() {
        mel.requireAnalysis();
        training.require(mel);
        for (int i = 0; i < stages(); i++) {
            int rate = upsampleRates.get(i);
            int kernel = upsampleKernelSizes.get(i);
            if ((kernel - rate) % 2 != 0) {
                throw new IllegalArgumentException("upsample_kernel_sizes[" + i + "] is " + kernel + ", expected "
                        + "upsample_rates[" + i + "], which is " + rate + ", plus an even number: only then is the audio "
                        + "as long as the recording that training compares it with");
            }
        }
    }

    /**
     * As {@link #read}, from the text itself.
     *
     * @param origin what messages call the place the text came from
     */
    public static HifiGanConfig parse(String json, String origin) throws IOException {
        return ConfigJson.parse(json, origin);
    }

    /** As indented JSON with the official keys; {@link #parse} gives back an equal configuration. */
    public String toJson() {
        return ConfigJson.write(this);
    }

    /** How many times the generator upsamples. */
    public int stages() {
        return upsampleRates.size();
    }

    /** Channels after {@code stages} stages; {@code channels(0)} come out of conv_pre. */
    public int channels(int stages) {
        return upsampleInitialChannel >> stages;
    }

    /** Of a stage's transposed convolution; the padding is (kernel − stride)/2, rounded down as in the official code. */
    ConvSpec upsampling(int stage) {
        int rate = upsampleRates.get(stage);
        return new ConvSpec(rate, (upsampleKernelSizes.get(stage) - rate) / 2, 1, 1);
    }

    /**
     * How many samples the generator makes of {@code frames} mel frames: frames · hop, and some more behind them if a
     * stage's kernel − stride is odd.
     */
    public int samples(int frames) {
        int length = frames;
        for (int i = 0; i < stages(); i++) {
            length = upsampling(i).transposedLength(length, upsampleKernelSizes.get(i));
        }
        return length;
    }

    /** All convolutions of the generator, in the order of its state dict. */
    public List<ConvLayer> layers() {
        return GeneratorLayout.layers(this);
    }

    /** How many mel frames before and after a frame its {@code hop} samples depend on, at most. */
    public int receptiveField() {
        Backend.Reach reach =
                GeneratorLayout.reach(this, layer -> Backend.Reach.exact(layer.spec(), layer.kernelSize()));
        return Math.max(reach.before(), reach.after());
    }

    /**
     * The same for the bits of the samples on a backend, which may depend on more: what a chunk needs on each side to
     * come out as in one piece.
     */
    public Backend.Reach reach(Backend backend) {
        return GeneratorLayout.reach(this, layer -> backend.reach(layer.spec(), layer.weightShape()));
    }

    /** Multiply-accumulates of the generator for each mel frame. */
    public long macsPerFrame() {
        return layers().stream().mapToLong(ConvLayer::macsPerFrame).sum();
    }

    /** Name and shape of every parameter of a generator whose weight norm is folded, in the official order. */
    public Map<String, Shape> foldedParameters() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (ConvLayer layer : layers()) {
            shapes.put(layer.name() + ".bias", layer.biasShape());
            shapes.put(layer.name() + ".weight", layer.weightShape());
        }
        return shapes;
    }

    /** Name and shape of every parameter of a generator with weight norm, in the official order. */
    public Map<String, Shape> weightNormParameters() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (ConvLayer layer : layers()) {
            shapes.put(layer.name() + ".bias", layer.biasShape());
            shapes.put(layer.name() + ".weight_g", layer.gainShape());
            shapes.put(layer.name() + ".weight_v", layer.weightShape());
        }
        return shapes;
    }

    private static void checkStages(List<Integer> rates, List<Integer> kernels, int initialChannel, int hop) {
        Bounds.check("number of upsample_rates", rates.size(), 1, MAX_STAGES);
        Bounds.check("upsample_initial_channel", initialChannel, 1, 1 << 14);
        if (kernels.size() != rates.size()) {
            throw new IllegalArgumentException("upsample_kernel_sizes " + kernels + " has " + kernels.size()
                    + " entries, expected " + rates.size() + " as in upsample_rates " + rates);
        }
        long product = 1;
        for (int i = 0; i < rates.size(); i++) {
            int rate = rates.get(i);
            int kernel = kernels.get(i);
            Bounds.check("upsample_rates[" + i + "]", rate, 1, 1024);
            Bounds.check("upsample_kernel_sizes[" + i + "]", kernel, 1, 4096);
            if (kernel < rate) {
                throw new IllegalArgumentException("upsample_kernel_sizes[" + i + "] is " + kernel
                        + ", expected at least upsample_rates[" + i + "], which is " + rate);
            }
            // Saturates: the hop is far smaller.
            product = Math.min(product * rate, Integer.MAX_VALUE);
        }
        if (product != hop) {
            throw new IllegalArgumentException("hop_size is " + hop + ", expected " + product
                    + ", the product of upsample_rates " + rates);
        }
        if (initialChannel % (1 << rates.size()) != 0) {
            throw new IllegalArgumentException("upsample_initial_channel is " + initialChannel
                    + ", expected a multiple of " + (1 << rates.size()) + ", because each of the " + rates.size()
                    + " upsample_rates halves the channels");
        }
    }

    private static void checkBlocks(ResBlockKind kind, List<Integer> kernels, List<List<Integer>> dilations) {
        Bounds.check("number of resblock_kernel_sizes", kernels.size(), 1, MAX_BLOCKS);
        if (dilations.size() != kernels.size()) {
            throw new IllegalArgumentException("resblock_dilation_sizes " + dilations + " has " + dilations.size()
                    + " entries, expected " + kernels.size() + " as in resblock_kernel_sizes " + kernels);
        }
        for (int j = 0; j < kernels.size(); j++) {
            Bounds.check("resblock_kernel_sizes[" + j + "]", kernels.get(j), 1, 255);
            if (kernels.get(j) % 2 == 0) {
                throw new IllegalArgumentException("resblock_kernel_sizes[" + j + "] is " + kernels.get(j)
                        + ", expected an odd number");
            }
            if (dilations.get(j).size() != kind.dilations()) {
                throw new IllegalArgumentException("resblock_dilation_sizes[" + j + "] " + dilations.get(j) + " has "
                        + dilations.get(j).size() + " entries, expected " + kind.dilations() + " because resblock is \""
                        + kind.key() + "\"");
            }
            for (int dilation : dilations.get(j)) {
                Bounds.check("a dilation in resblock_dilation_sizes[" + j + "]", dilation, 1, 4096);
            }
        }
    }

    /** Keeps a hostile file from asking for more weights than memory holds, without listing them. */
    private static void checkSize(
            int initialChannel, List<Integer> upsampleKernels, List<Integer> blockKernels, int dilations) {
        double weights = 0;
        double channels = initialChannel;
        for (int kernel : upsampleKernels) {
            weights += channels * channels / 2 * kernel;
            channels /= 2;
            for (int blockKernel : blockKernels) {
                weights += channels * channels * blockKernel * dilations;
            }
        }
        if (weights > MAX_PARAMETERS) {
            throw new IllegalArgumentException("upsample_initial_channel " + initialChannel + " gives a generator of "
                    + (long) weights + " weights or more, expected at most " + MAX_PARAMETERS);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.hifigan.model.ConvLayer;
import aulos.hifigan.model.HifiGanConfig;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The generator as the paper has it, in float64, every sum written out: what an exported model must compute. */
final class NaiveGenerator {
    private final HifiGanConfig config;
    private final Map<String, NdArray> weights;
    private final Map<String, ConvLayer> layers;

    NaiveGenerator(HifiGanConfig config, Map<String, NdArray> foldedWeights) {
        this.config = config;
        this.weights = foldedWeights;
        this.layers = config.layers().stream().collect(Collectors.toMap(ConvLayer::name, Function.identity()));
    }

    /** [channels][time] in, samples out. */
    double[] audio(double[][] mel) {
        double[][] x = conv("conv_pre", mel);
        int count = config.resblockKernelSizes().size();
        for (int i = 0; i < config.stages(); i++) {
            x = conv("ups." + i, leakyRelu(x, 0.1));
            double[][] mean = new double[x.length][x[0].length];
            for (int j = 0; j < count; j++) {
                add(mean, block("resblocks." + (i * count + j), x), 1.0 / count);
            }
            x = mean;
        }
        double[] audio = conv("conv_post", leakyRelu(x, 0.01))[0];
        for (int t = 0; t < audio.length; t++) {
            audio[t] = Math.tanh(audio[t]);
        }
        return audio;
    }

    private double[][] block(String name, double[][] input) {
        double[][] x = leakyRelu(input, 1);
        for (int n = 0; n < config.resblock().dilations(); n++) {
            double[][] y = leakyRelu(x, 0.1);
            switch (config.resblock()) {
                case RESBLOCK1 -> y = conv(name + ".convs2." + n, leakyRelu(conv(name + ".convs1." + n, y), 0.1));
                case RESBLOCK2 -> y = conv(name + ".convs." + n, y);
            }
            add(x, y, 1);
        }
        return x;
    }

    private double[][] conv(String name, double[][] x) {
        ConvLayer layer = layers.get(name);
        NdArray w = weights.get(name + ".weight");
        NdArray bias = weights.get(name + ".bias");
        int stride = layer.spec().stride();
        int length = layer.transposed() ? layer.spec().transposedLength(x[0].length, layer.kernelSize()) : x[0].length;
        double[][] y = new double[layer.outChannels()][length];
        for (int o = 0; o < y.length; o++) {
            for (int s = 0; s < length; s++) {
                double sum = bias.get(o);
                for (int c = 0; c < x.length; c++) {
                    for (int k = 0; k < layer.kernelSize(); k++) {
                        int outer = layer.transposed() ? c * y.length + o : o * x.length + c;
                        int t = layer.transposed()
                                ? s + layer.spec().padding() - k
                                : s - layer.spec().padding() + k * layer.spec().dilation();
                        if (layer.transposed() && t % stride != 0) {
                            continue;
                        }
                        t = layer.transposed() ? t / stride : t;
                        sum += t < 0 || t >= x[c].length ? 0 : w.get(outer * layer.kernelSize() + k) * x[c][t];
                    }
                }
                y[o][s] = sum;
            }
        }
        return y;
    }

    private static double[][] leakyRelu(double[][] x, double slope) {
        double[][] y = new double[x.length][x[0].length];
        for (int c = 0; c < x.length; c++) {
            for (int t = 0; t < x[c].length; t++) {
                y[c][t] = x[c][t] > 0 ? x[c][t] : slope * x[c][t];
            }
        }
        return y;
    }

    private static void add(double[][] sum, double[][] x, double factor) {
        for (int c = 0; c < sum.length; c++) {
            for (int t = 0; t < sum[c].length; t++) {
                sum[c][t] += factor * x[c][t];
            }
        }
    }
}

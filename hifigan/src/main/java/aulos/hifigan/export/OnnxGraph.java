// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.export;

import aulos.hifigan.io.Protobuf;
import aulos.hifigan.model.ConvLayer;
import aulos.hifigan.model.HifiGanConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The generator as ONNX nodes. A value is called after the node that makes it; field numbers are those of
 * <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
 */
final class OnnxGraph {
    static final String INPUT = "mel";
    static final String OUTPUT = "audio";
    /** Initialiser with the number of resblocks of a stage, which their sum is divided by. */
    static final String BLOCKS = "resblocks.count";

    private static final float SLOPE = 0.1f;
    /** Of the leaky ReLU before conv_post: PyTorch's default, which the official code did not override there. */
    private static final float LAST_SLOPE = 0.01f;

    private static final int ATTRIBUTE_FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_INTS = 7;

    private final HifiGanConfig config;
    private final Map<String, ConvLayer> layers;
    private final List<Protobuf> nodes = new ArrayList<>();

    private OnnxGraph(HifiGanConfig config) {
        this.config = config;
        this.layers = config.layers().stream().collect(Collectors.toMap(ConvLayer::name, Function.identity()));
    }

    /** NodeProto messages in topological order. */
    static List<Protobuf> nodes(HifiGanConfig config) {
        OnnxGraph graph = new OnnxGraph(config);
        graph.generator();
        return graph.nodes;
    }

    private void generator() {
        String x = conv("conv_pre", INPUT);
        for (int i = 0; i < config.stages(); i++) {
            x = conv("ups." + i, leakyRelu("ups." + i, x, SLOPE));
            x = meanOfBlocks(i, x);
        }
        x = conv("conv_post", leakyRelu("conv_post", x, LAST_SLOPE));
        node("Tanh", OUTPUT, List.of(x));
    }

    private String meanOfBlocks(int stage, String x) {
        int count = config.resblockKernelSizes().size();
        String sum = block(stage * count, x);
        for (int block = stage * count + 1; block < (stage + 1) * count; block++) {
            sum = node("Add", "resblocks." + block + ".sum", List.of(sum, block(block, x)));
        }
        return count == 1 ? sum : node("Div", "stages." + stage + ".mean", List.of(sum, BLOCKS));
    }

    private String block(int block, String input) {
        String x = input;
        for (int n = 0; n < config.resblock().dilations(); n++) {
            String prefix = "resblocks." + block + ".";
            String y = switch (config.resblock()) {
                case RESBLOCK1 -> activatedConv(prefix + "convs2." + n, activatedConv(prefix + "convs1." + n, x));
                case RESBLOCK2 -> activatedConv(prefix + "convs." + n, x);
            };
            x = node("Add", prefix + "add." + n, List.of(y, x));
        }
        return x;
    }

    private String activatedConv(String name, String x) {
        return conv(name, leakyRelu(name, x, SLOPE));
    }

    private String leakyRelu(String before, String x, float slope) {
        Protobuf alpha = new Protobuf().text(1, "alpha").fixed32(2, slope).integer(20, ATTRIBUTE_FLOAT);
        return node("LeakyRelu", before + ".lrelu", List.of(x), alpha);
    }

    private String conv(String name, String x) {
        ConvLayer layer = layers.get(name);
        int padding = layer.spec().padding();
        return node(
                layer.transposed() ? "ConvTranspose" : "Conv", name, List.of(x, name + ".weight", name + ".bias"),
                ints("dilations", layer.spec().dilation()),
                new Protobuf().text(1, "group").integer(3, layer.spec().groups()).integer(20, ATTRIBUTE_INT),
                ints("kernel_shape", layer.kernelSize()),
                ints("pads", padding, padding),
                ints("strides", layer.spec().stride()));
    }

    private static Protobuf ints(String name, int... values) {
        Protobuf attribute = new Protobuf().text(1, name);
        for (int value : values) {
            attribute.integer(8, value);
        }
        return attribute.integer(20, ATTRIBUTE_INTS);
    }

    private String node(String type, String output, List<String> inputs, Protobuf... attributes) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(3, output).text(4, type);
        for (Protobuf attribute : attributes) {
            node.message(5, attribute);
        }
        nodes.add(node);
        return output;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.ResBlockKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A generator as a TorchScript archive, which PyTorch runs without Python. The module has no state: its {@code forward}
 * takes the mel and a list of weights, in the order of {@link HifiGanConfig#foldedParameters}.
 */
final class PyTorchScript {
    private static final String SLOPE = "0.10000000000000001";

    private final HifiGanConfig config;
    private final List<String> names;
    private final StringBuilder code = new StringBuilder("""
            class Generator(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Generator,
                mel: Tensor,
                w: List[Tensor]) -> Tensor:
            """);

    private PyTorchScript(HifiGanConfig config) {
        this.config = config;
        this.names = List.copyOf(config.foldedParameters().keySet());
    }

    /** The archive: a zip file whose pickle makes the module, its source beside it. */
    static byte[] archive(HifiGanConfig config) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            // Protocol 2: __torch__.Generator(), its state {'training': False}.
            entry(zip, "data.pkl", "\u0080\u0002c__torch__\nGenerator\n)\u0081}(X\b\0\0\0training\u0089ub.");
            entry(zip, "code/__torch__.py", new PyTorchScript(config).source());
            entry(zip, "constants.pkl", "\u0080\u0002).");
            entry(zip, "version", "3\n");
        }
        return bytes.toByteArray();
    }

    /** @param content a character for each byte */
    private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
        zip.putNextEntry(new ZipEntry("generator/" + name));
        zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
        zip.closeEntry();
    }

    private String source() {
        conv("x", "mel", "conv_pre", 7, 1);
        int blocks = config.resblockKernelSizes().size();
        for (int i = 0; i < config.stages(); i++) {
            int rate = config.upsampleRates().get(i);
            int padding = (config.upsampleKernelSizes().get(i) - rate) / 2;
            leakyRelu("x", "x", SLOPE);
            line("x = torch.conv_transpose1d(x, %s, [%d], [%d], [0], 1, [1])", weights("ups." + i), rate, padding);
            for (int j = 0; j < blocks; j++) {
                resBlock("resblocks." + (i * blocks + j), config.resblockKernelSizes().get(j),
                        config.resblockDilationSizes().get(j));
                line(j == 0 ? "total = y" : "total = torch.add(total, y)");
            }
            line("x = torch.div(total, %d)", blocks);
        }
        leakyRelu("x", "x", "0.01");
        conv("x", "x", "conv_post", 7, 1);
        line("return torch.tanh(x)");
        return code.toString();
    }

    private void resBlock(String name, int kernel, List<Integer> dilations) {
        line("y = x");
        for (int n = 0; n < dilations.size(); n++) {
            leakyRelu("t", "y", SLOPE);
            if (config.resblock() == ResBlockKind.RESBLOCK1) {
                conv("t", "t", name + ".convs1." + n, kernel, dilations.get(n));
                leakyRelu("t", "t", SLOPE);
                conv("t", "t", name + ".convs2." + n, kernel, 1);
            } else {
                conv("t", "t", name + ".convs." + n, kernel, dilations.get(n));
            }
            line("y = torch.add(t, y)");
        }
    }

    private void leakyRelu(String out, String in, String slope) {
        line("%s = torch.leaky_relu(%s, %s)", out, in, slope);
    }

    private void conv(String out, String in, String layer, int kernel, int dilation) {
        line("%s = torch.conv1d(%s, %s, [1], [%d], [%d])", out, in, weights(layer), dilation * (kernel - 1) / 2, dilation);
    }

    private String weights(String layer) {
        return "w[" + names.indexOf(layer + ".weight") + "], w[" + names.indexOf(layer + ".bias") + "]";
    }

    private void line(String format, Object... values) {
        code.append("    ").append(format.formatted(values)).append('\n');
    }
}

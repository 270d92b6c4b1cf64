// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** {@code --checkpoint} and {@code --config}. */
final class VoiceOptions {
    @Option(
            names = {"--checkpoint", "--checkpoint_file"},
            paramLabel = "F",
            description = "The generator: a g_ file of the official training, any other PyTorch file with one HiFi-GAN "
                    + "generator in it, or a .safetensors. Default: the voice that comes with Aulos.")
    private Path checkpoint;

    @Option(
            names = "--config",
            paramLabel = "F",
            description = "Its configuration. Default: the one inside a .safetensors that 'aulos export' wrote, "
                    + "else config.json beside the checkpoint.")
    private Path config;

    /**
     * Reads the voice.
     *
     * @param say takes a line for people about a choice that was made for them
     * @throws WrongUsage if there is a configuration, but no checkpoint that it belongs to
     */
    Voice load(Consumer<String> say) throws IOException {
        if (checkpoint == null) {
            if (config != null) {
                throw new WrongUsage("--config " + config + " given without the --checkpoint that it belongs to");
            }
            return Voice.bundled();
        }
        return Voice.load(checkpoint, config, say);
    }

    /** The checkpoint's file, or null for the bundled voice. */
    Path checkpoint() {
        return checkpoint;
    }

    /** What messages call it. */
    String name() {
        return checkpoint == null ? Voice.BUNDLED_NAME : checkpoint.toString();
    }
}

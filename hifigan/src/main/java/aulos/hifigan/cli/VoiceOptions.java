// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --checkpoint} and {@code --config}. */
final class VoiceOptions {
    @Option(
            names = {"--checkpoint", "--checkpoint_file"},
            paramLabel = "F",
            description = "The generator: a g_ file of the official training, or a .safetensors.")
    private Path checkpoint;

    @Option(
            names = "--config",
            paramLabel = "F",
            description = "Its configuration. Default: the one inside a .safetensors that 'aulos export' wrote, "
                    + "else config.json beside the checkpoint.")
    private Path config;

    /** @throws WrongUsage without a checkpoint */
    Voice load() throws IOException {
        if (checkpoint == null) {
            throw new WrongUsage("no --checkpoint given, and this version comes with no voice of its own");
        }
        return config == null ? Voice.load(checkpoint) : Voice.load(checkpoint, config);
    }

    Path checkpoint() {
        return checkpoint;
    }
}

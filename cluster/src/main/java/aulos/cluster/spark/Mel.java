// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spark-submit --class aulos.cluster.spark.Mel aulos-cluster.jar}: a corpus of recordings to log-mels. */
@Command(
        name = "mel",
        description = "Writes the log-mel spectrograms of a corpus of recordings, float32 [mels, frames].",
        mixinStandardHelpOptions = true)
public final class Mel extends JobCommand {
    @Option(
            names = "--config",
            paramLabel = "F",
            description = "The config.json whose spectrogram it is. Default: the paper's, 80 mels at 22050 Hz.")
    private String config;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "files",
            description = "A .npy file for each input, or rows with such files in results.parquet: "
                    + "files or parquet. Default: ${DEFAULT-VALUE}.")
    private JobOptions.Format format;

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            description = "Audio (.wav, .flac), folders of it, or globs, on any Hadoop file system.")
    private List<String> inputs;

    public static void main(String[] args) {
        main(new Mel(), args);
    }

    @Override
    Settings settings(Store store) throws IOException {
        HifiGanConfig chosen = config(store, config);
        return new Settings(Settings.Action.MEL, null, chosen.toJson(), Encoding.PCM16,
                format == JobOptions.Format.PARQUET, options.rangeOf(chosen.mel()), options.computing(),
                store.qualify(options.out).toString(), 0);
    }

    @Override
    List<Clip> inputs(Store store, Settings settings) throws IOException {
        return Inputs.list(store, inputs, Inputs.AUDIO, settings);
    }
}

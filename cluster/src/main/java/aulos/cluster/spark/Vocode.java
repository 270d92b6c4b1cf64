// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spark-submit --class aulos.cluster.spark.Vocode aulos-cluster.jar}: a corpus of recordings or mels to audio. */
@Command(
        name = "vocode",
        description = "Turns a corpus of mel spectrograms, or of recordings by way of theirs, into audio.",
        mixinStandardHelpOptions = true)
public final class Vocode extends JobCommand {
    @Option(
            names = "--checkpoint",
            paramLabel = "F",
            description = "The generator: a g_ file of the official training, or a .safetensors. Default: the voice "
                    + "that comes with Aulos.")
    private String checkpoint;

    @Option(
            names = "--config",
            paramLabel = "F",
            description = "Its configuration. Default: the one inside a .safetensors that 'aulos export' wrote, "
                    + "else config.json beside the checkpoint.")
    private String config;

    @Option(
            names = "--encoding",
            paramLabel = "E",
            defaultValue = "pcm16",
            description = "How samples are stored: pcm16, pcm24 or float32. Default: ${DEFAULT-VALUE}.")
    private Encoding encoding;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "files",
            description = "A WAV file for each input, or rows with WAV files in results.parquet: files or parquet. "
                    + "Default: ${DEFAULT-VALUE}.")
    private JobOptions.Format format;

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            description = "Audio (.wav, .flac) or log-mels (.npy), folders of them, or globs, on any Hadoop file system.")
    private List<String> inputs;

    public static void main(String[] args) {
        main(new Vocode(), args);
    }

    @Override
    Settings settings(Store store) throws IOException {
        if (checkpoint == null && config != null) {
            throw new JobOptions.WrongUsage("--config " + config + " given without the --checkpoint that it belongs to");
        }
        Path folder = Files.createTempDirectory("aulos-voice-");
        try {
            Voice voice = voice(store, folder);
            Path file = folder.resolve("voice.safetensors");
            voice.save(file);
            return new Settings(Settings.Action.VOCODE, Files.readAllBytes(file), voice.config().toJson(), encoding,
                    format == JobOptions.Format.PARQUET, options.rangeOf(voice.config().mel()), options.computing(),
                    store.qualify(options.out).toString(), 0);
        } finally {
            for (java.io.File file : folder.toFile().listFiles()) {
                Files.delete(file.toPath());
            }
            Files.delete(folder);
        }
    }

    private Voice voice(Store store, Path folder) throws IOException {
        if (checkpoint == null) {
            return Voice.bundled();
        }
        org.apache.hadoop.fs.Path given = store.qualify(checkpoint);
        Path local = folder.resolve(given.getName());
        Files.write(local, store.read(given));
        org.apache.hadoop.fs.Path beside = config == null ? new org.apache.hadoop.fs.Path(given.getParent(), "config.json")
                : store.qualify(config);
        if (config == null && !store.exists(beside)) {
            return Voice.load(local);
        }
        Path configFile = Files.write(folder.resolve("config.json"), store.read(beside));
        return config == null ? Voice.load(local) : Voice.load(local, configFile);
    }

    @Override
    List<Clip> inputs(Store store, Settings settings) throws IOException {
        List<String> extensions = new ArrayList<>(Inputs.AUDIO);
        extensions.add(Inputs.MEL);
        return Inputs.list(store, inputs, extensions, settings);
    }
}

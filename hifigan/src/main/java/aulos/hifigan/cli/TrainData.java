// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.train.TrainingOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of {@code train} that say where its clips are. */
final class TrainData {
    @Option(
            names = {"--wavs", "--input_wavs_dir"},
            required = true,
            paramLabel = "DIR",
            description = "The folder of the audio: id.wav or id.flac for each id in the lists, which may have the "
                    + "extension itself.")
    private Path wavs;

    @Option(
            names = {"--mels", "--input_mels_dir"},
            paramLabel = "DIR",
            description = "With --fine-tune, the folder of an acoustic model's mels: id.npy, [mels, frames].")
    private Path mels;

    @Option(
            names = {"--train-list", "--input_training_file"},
            required = true,
            paramLabel = "FILE",
            description = "The clips to train on: on each line an id, then | and anything. All are looked at beforehand.")
    private Path trainList;

    @Option(
            names = {"--valid-list", "--input_validation_file"},
            required = true,
            paramLabel = "FILE",
            description = "The clips to validate with, in the same format.")
    private Path validList;

    @Option(
            names = {"--fine-tune", "--fine_tuning"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Train on mels from --mels instead of those of the audio, whose peaks then stay as they are.")
    private boolean fineTune;

    TrainingOptions.Data data() {
        if (fineTune && mels == null) {
            throw new WrongUsage("--fine-tune needs --mels, the folder of the mels to train on");
        }
        return new TrainingOptions.Data(trainList, validList, wavs, fineTune ? mels : null);
    }
}

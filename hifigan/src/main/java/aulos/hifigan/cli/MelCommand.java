// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "mel",
        description = "Writes the log-mel spectrograms of recordings as .npy files, float32 [mels, frames].",
        mixinStandardHelpOptions = true)
final class MelCommand implements Callable<Integer> {
    private static final String MEL = ".npy";

    @ParentCommand
    private Aulos aulos;

    @Mixin
    private DeviceOption device;

    @Mixin
    private Outputs outputs;

    @Option(
            names = "--config",
            paramLabel = "F",
            description = "The config.json whose spectrogram it is. Default: the paper's, 80 mels at 22050 Hz.")
    private Path config;

    @Option(names = "--json", description = "Print one JSON object per file.")
    private boolean json;

    @Option(names = "--input_wavs_dir", paramLabel = "DIR", description = "A folder of .wav and .flac files.")
    private Path wavs;

    @Parameters(
            paramLabel = "INPUT",
            arity = "0..*",
            description = "Audio (.wav, .flac), resampled if need be, or folders of it.")
    private List<Path> inputs = new ArrayList<>();

    /** What {@code --json} prints. */
    private record Result(String input, String output, String device, int mels, int frames, double audioSeconds) {}

    @Override
    public Integer call() throws IOException {
        List<Path> files = Inputs.expand(inputs, Inputs.AUDIO);
        Inputs.add(files, wavs, Inputs.AUDIO);
        Inputs.requireAny(files);
        MelConfig mels = config == null ? HifiGanConfig.V1.mel() : MelConfig.read(config);
        mels.warning().ifPresent(aulos::say);
        Map<Path, Path> targets = outputs.plan(files, MEL, input -> Outputs.stem(input) + MEL);
        try (Backend backend = device.open(); MelSpectrogram spectrogram = new MelSpectrogram(mels, backend)) {
            return Batch.run(aulos, "mel", files, (file, progress, notes) -> {
                Audio audio = Inputs.readAudio(notes, file, mels.samplingRate());
                NdArray mel = spectrogram.ofClip(audio.samples());
                Npy.write(targets.get(file), mel);
                device.announce(aulos, backend, progress);
                Result result = new Result(file.toString(), targets.get(file).toString(), backend.name(),
                        mel.shape().dim(0), mel.shape().dim(1), audio.seconds());
                progress.aside(() -> report(result));
            });
        }
    }

    private void report(Result result) {
        aulos.out().println(json ? Json.line(result)
                : String.format(Locale.ROOT, "%s -> %s: [%d, %d], %.2f s of audio", result.input(), result.output(),
                        result.mels(), result.frames(), result.audioSeconds()));
    }
}

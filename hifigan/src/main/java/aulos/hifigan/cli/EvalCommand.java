// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.eval.Evaluation;
import aulos.hifigan.eval.Scores;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "eval",
        description = {
            "Measures how close generated speech comes to recordings: mel error, multi-resolution STFT distance, "
                    + "mel-cepstral distortion, F0 error, voicing error. Less is better; 0 is a perfect copy.",
            "Files belong together if they have the same name, without _generated or _generated_e2e."
        },
        mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
    /** Of files without a partner, so many are named in the one line about them. */
    private static final int NAMED = 10;

    @ParentCommand
    private Aulos aulos;

    @Option(names = "--reference", required = true, paramLabel = "DIR", description = "Recordings, WAV or FLAC.")
    private Path reference;

    @Option(names = "--generated", required = true, paramLabel = "DIR", description = "What to measure, WAV or FLAC.")
    private Path generated;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The config.json whose mel spectrogram and sampling rate count. Default: those of V1.")
    private Path config;

    @Mixin
    private DeviceOption device;

    @Option(names = "--json", description = "Print one JSON object per file, and one with the means, in which files "
            + "says how many they are of.")
    private boolean json;

    /** {@code files} only for the means; {@code reference}, {@code generated}, {@code seconds} only for one file. */
    private record Row(String reference, String generated, Double seconds, Integer files, double melError,
            double stftDistance, double spectralConvergence, double logMagnitude, double mcdDb, Double f0RmseCents,
            double voicingError) {

        static Row of(Path reference, Path generated, double seconds, Scores scores) {
            return of(reference.toString(), generated.toString(), seconds, null, scores);
        }

        static Row mean(List<Scores> scores) {
            return of(null, null, null, scores.size(), Scores.mean(scores));
        }

        private static Row of(String reference, String generated, Double seconds, Integer files, Scores scores) {
            return new Row(reference, generated, seconds, files, scores.melError(), scores.stft().total(),
                    scores.stft().spectralConvergence(), scores.stft().logMagnitude(), scores.mcdDb(),
                    scores.f0RmseCents(), scores.voicingError());
        }
    }

    @Override
    public Integer call() throws IOException {
        MelConfig chosen = config == null ? HifiGanConfig.V1.mel() : MelConfig.read(config);
        double fmaxForLoss = config == null ? chosen.nyquist() : chosen.readFmaxForLoss(config);
        chosen.warning().ifPresent(aulos::say);
        chosen.warning("fmax_for_loss", fmaxForLoss).ifPresent(aulos::say);
        Pairs pairs = Pairs.of(list(reference), list(generated));
        name(pairs.withoutReference(), "generated", "no reference in " + reference);
        name(pairs.withoutGenerated(), "reference", "nothing generated in " + generated);
        if (pairs.references().isEmpty()) {
            throw new IOException(generated + ": no file has a reference of the same name in " + reference);
        }
        List<Scores> all = new ArrayList<>();
        int exitCode;
        try (Backend backend = device.open(); Evaluation evaluation = new Evaluation(chosen, fmaxForLoss, backend)) {
            if (!json) {
                aulos.out().printf("%9s %9s %9s %9s %9s  %s%n", "mel error", "STFT", "MCD", "F0 RMSE", "voicing", "file");
            }
            exitCode = Batch.run(aulos, "eval", pairs.references().keySet(), (file, progress, notes) -> {
                Path real = pairs.references().get(file);
                Audio realAudio = Inputs.readAudio(notes, real, chosen.samplingRate());
                Audio generatedAudio = Inputs.readAudio(notes, file, chosen.samplingRate());
                device.announce(aulos, backend, progress);
                Scores scores = evaluation.score(realAudio.samples(), generatedAudio.samples());
                all.add(scores);
                print(Row.of(real, file, realAudio.seconds(), scores), file.getFileName().toString());
            });
        }
        if (!all.isEmpty()) {
            print(Row.mean(all), "mean of " + all.size() + (all.size() == 1 ? " file" : " files"));
        }
        return pairs.withoutReference().isEmpty() ? exitCode : ExitCode.SOFTWARE;
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw Files.exists(folder) ? new NotDirectoryException(folder.toString())
                    : new NoSuchFileException(folder.toString());
        }
        return Inputs.expand(List.of(folder), Inputs.AUDIO);
    }

    private void name(List<Path> files, String kind, String lack) {
        if (files.isEmpty()) {
            return;
        }
        String names = files.stream().limit(NAMED).map(file -> file.getFileName().toString())
                .collect(Collectors.joining(", "));
        String more = files.size() > NAMED ? " and " + (files.size() - NAMED) + " more" : "";
        aulos.say(files.size() + " " + kind + (files.size() == 1 ? " file has " : " files have ") + lack + ": " + names
                + more);
    }

    private void print(Row row, String name) {
        if (json) {
            aulos.out().println(Json.line(row));
            return;
        }
        String f0 = row.f0RmseCents() == null ? "-" : String.format(Locale.ROOT, "%.1f ct", row.f0RmseCents());
        aulos.out().printf(Locale.ROOT, "%9.4f %9.4f %6.3f dB %9s %7.2f %%  %s%n", row.melError(), row.stftDistance(),
                row.mcdDb(), f0, 100 * row.voicingError(), name);
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sends a folder of recordings through their mels and {@link GriffinLim}: a baseline for {@code aulos eval}. */
@Command(
        name = "griffin-lim",
        sortOptions = false,
        description = "Vocodes recordings by Griffin-Lim, for 'aulos eval' to compare with.")
final class GriffinLimVocode implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--wavs", required = true, paramLabel = "DIR", description = "recordings, WAV or FLAC")
    private Path wavs;

    @Option(names = "--out", required = true, paramLabel = "DIR",
            description = "where NAME_generated.wav goes; made if need be")
    private Path out;

    @Option(names = "--config", paramLabel = "FILE",
            description = "the config.json whose mel spectrogram counts (default: that of V1)")
    private Path config;

    @Option(names = "--iterations", defaultValue = "60", paramLabel = "N",
            description = "rounds of Griffin-Lim (default: ${DEFAULT-VALUE})")
    private int iterations;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--iterations", iterations, 0);
        HifiGanConfig chosen = config == null ? HifiGanConfig.V1 : HifiGanConfig.read(config);
        List<Path> files = recordings();
        Files.createDirectories(out);
        GriffinLim griffinLim = new GriffinLim(chosen.mel());
        int rate = chosen.mel().samplingRate();
        try (Backend backend = Backends.open("cpu"); MelSpectrogram mel = new MelSpectrogram(chosen.mel(), backend)) {
            for (Path file : files) {
                Audio audio = AudioFile.read(file, rate);
                long start = System.nanoTime();
                float[] samples = griffinLim.vocode(mel.ofClip(audio.samples()), iterations);
                double seconds = (System.nanoTime() - start) / 1e9;
                Path target = out.resolve(file.getFileName().toString().replaceFirst("\\.[^.]*$", "_generated.wav"));
                try (WavWriter writer = WavWriter.create(target, rate, Encoding.PCM16)) {
                    writer.write(samples, 0, samples.length);
                    writer.commit();
                }
                spec.commandLine().getOut().printf(Locale.ROOT, "%s  %.2f s of audio in %.2f s, %.1fx real time%n",
                        target, audio.seconds(), seconds, audio.seconds() / seconds);
            }
        }
        return 0;
    }

    private List<Path> recordings() throws IOException {
        if (!Files.isDirectory(wavs)) {
            throw new IOException("--wavs " + wavs + ": is not a folder");
        }
        try (Stream<Path> entries = Files.list(wavs)) {
            List<Path> files = entries.filter(file -> isAudio(file.getFileName().toString())).sorted().toList();
            if (files.isEmpty()) {
                throw new IOException("--wavs " + wavs + ": has no file that ends in .wav or .flac");
            }
            return files;
        }
    }

    private static boolean isAudio(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && (lower.endsWith(".wav") || lower.endsWith(".flac"));
    }
}

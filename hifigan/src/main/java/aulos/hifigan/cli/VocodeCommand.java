// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.model.Plausibility;
import aulos.hifigan.vocode.Vocoder;
import aulos.hifigan.vocode.Voice;
import aulos.hifigan.vocode.WarmUp;
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
        name = "vocode",
        description = "Turns mel spectrograms, or recordings by way of theirs, into audio.",
        mixinStandardHelpOptions = true)
final class VocodeCommand implements Callable<Integer> {
    private static final String MEL = ".npy";

    @ParentCommand
    private Aulos aulos;

    @Mixin
    private VoiceOptions voiceOptions;

    @Mixin
    private DeviceOption device;

    @Mixin
    private Outputs outputs;

    @Option(
            names = "--encoding",
            paramLabel = "E",
            defaultValue = "pcm16",
            description = "How samples are stored: pcm16, pcm24 or float32. Default: ${DEFAULT-VALUE}.")
    private Encoding encoding;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description = "Synthesise each input N times, to time it: the median counts.")
    private int repeat;

    @Option(names = "--json", description = "Print one JSON object per file.")
    private boolean json;

    @Option(names = "--input_wavs_dir", paramLabel = "DIR", description = "A folder of .wav and .flac files.")
    private Path wavs;

    @Option(names = "--input_mels_dir", paramLabel = "DIR", description = "A folder of .npy files.")
    private Path mels;

    @Parameters(
            paramLabel = "INPUT",
            arity = "0..*",
            description = "Audio (.wav, .flac), resampled if need be, or log-mels (.npy, [mels, frames] or "
                    + "[1, mels, frames]), or folders of them.")
    private List<Path> inputs = new ArrayList<>();

    /**
     * What {@code --json} prints.
     *
     * @param seconds that the synthesis took, without reading and writing: the median of {@code allSeconds}
     */
    private record Result(
            String input,
            String output,
            String device,
            double audioSeconds,
            double seconds,
            List<Double> allSeconds,
            double realtimeFactor) {}

    /**
     * What all files share.
     *
     * @param mel null if every file is a spectrogram already
     */
    private record Studio(HifiGanConfig config, Backend backend, MelSpectrogram mel, Vocoder vocoder) {}

    @Override
    public Integer call() throws IOException {
        if (repeat < 1) {
            throw new WrongUsage("--repeat is " + repeat + ", expected at least 1");
        }
        List<Path> files = Inputs.expand(inputs, List.of(".wav", ".flac", MEL));
        Inputs.add(files, wavs, Inputs.AUDIO);
        Inputs.add(files, mels, List.of(MEL));
        Inputs.requireAny(files);
        Voice voice = voiceOptions.load(aulos::say);
        Map<Path, Path> targets = outputs.plan(files, ".wav", VocodeCommand::outputName);
        HifiGanConfig config = voice.config();
        boolean onlyMels = files.stream().allMatch(VocodeCommand::isMel);
        if (!onlyMels) {
            config.mel().warning().ifPresent(aulos::say);
        }
        try (Backend backend = device.open();
                MelSpectrogram mel = onlyMels ? null : new MelSpectrogram(config.mel(), backend);
                Vocoder vocoder = new Vocoder(config, voice.weights(), backend)) {
            Studio studio = new Studio(config, backend, mel, vocoder);
            return Batch.run(aulos, "vocode", files,
                    (file, progress, notes) -> vocode(studio, file, targets.get(file), progress, notes));
        }
    }

    private static String outputName(Path input) {
        return Outputs.stem(input) + (isMel(input) ? "_generated_e2e.wav" : "_generated.wav");
    }

    private static boolean isMel(Path input) {
        return Inputs.isArray(input);
    }

    private void vocode(Studio studio, Path input, Path output, Progress progress, Notes notes) throws IOException {
        int rate = studio.config.mel().samplingRate();
        NdArray mel;
        if (isMel(input)) {
            mel = Npy.read(input);
            studio.vocoder.requireMel(mel);
            Plausibility.ofMel(mel).ifPresent(doubt -> notes.add(input, "mel", doubt));
        } else {
            mel = studio.mel.ofClip(Inputs.readAudio(notes, input, rate).samples());
            studio.vocoder.requireMel(mel);
        }
        long samples = studio.config.samples(mel.shape().dim(-1));
        List<Double> seconds = new ArrayList<>();
        try (WavWriter writer = WavWriter.create(output, rate, encoding)) {
            device.announce(aulos, studio.backend, progress);
            if (studio.backend.name().equals("cpu")) {
                WarmUp.await();
            }
            seconds.add(synthesise(studio, mel, writer::write, part -> progress.part(part / (samples * repeat))));
            writer.commit();
        }
        while (seconds.size() < repeat) {
            long before = seconds.size() * samples;
            seconds.add(synthesise(studio, mel, (buffer, offset, count) -> { },
                    part -> progress.part((before + part) / (samples * repeat))));
        }
        report(studio, input, output, (double) samples / rate, seconds, progress);
    }

    private interface Listener {
        void done(double samples);
    }

    /** How many seconds it took, without those that the sink and the listener needed. */
    private static double synthesise(Studio studio, NdArray mel, Vocoder.Sink sink, Listener listener)
            throws IOException {
        long[] elsewhere = {0};
        long[] done = {0};
        long start = System.nanoTime();
        studio.vocoder.vocode(mel, (buffer, offset, count) -> {
            long left = System.nanoTime();
            sink.accept(buffer, offset, count);
            done[0] += count;
            listener.done((double) done[0]);
            elsewhere[0] += System.nanoTime() - left;
        });
        return (System.nanoTime() - start - elsewhere[0]) * 1e-9;
    }

    private void report(
            Studio studio, Path input, Path output, double audioSeconds, List<Double> all, Progress progress) {
        List<Double> sorted = all.stream().sorted().toList();
        double median = (sorted.get((repeat - 1) / 2) + sorted.get(repeat / 2)) / 2;
        Result result = new Result(input.toString(), output.toString(), studio.backend.name(), audioSeconds, median,
                all, audioSeconds / median);
        progress.aside(() -> aulos.out().println(json ? Json.line(result)
                : String.format(Locale.ROOT, "%s -> %s: %.2f s of audio in %.2f s, %.1f times real time", input, output,
                        audioSeconds, median, result.realtimeFactor())));
    }
}

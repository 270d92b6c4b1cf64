// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.io.AtomicFile;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.eval.Evaluation;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.vocode.Vocoder;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "demo",
        description = "Lets you hear and see what a vocoder does, on a clip that comes with Aulos.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final String CLIP = "/aulos/demo/clip.flac";

    /** After the first time, synthesis is repeated for so long: a JVM that still compiles would make it look slow. */
    private static final double REPEAT_SECONDS = 0.7;
    private static final int MAX_REPEATS = 25;

    @ParentCommand
    private Aulos aulos;

    @Mixin
    private VoiceOptions voiceOptions;

    @Mixin
    private DeviceOption device;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "aulos-demo",
            description = "The folder to write to, made if need be. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** What {@code --json} prints; {@code firstSeconds} is the first synthesis of the process. */
    private record Result(String voice, String device, double audioSeconds, double firstSeconds, double seconds,
            double realtimeFactor, double melError, String original, String mel, String resynthesis, String picture) {}

    /** The audio, what making it took first, and what each repetition took. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Synthesis(float[] samples, double firstSeconds, List<Double> moreSeconds) {
        double median() {
            List<Double> sorted = moreSeconds.stream().sorted().toList();
            return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
        }
    }

    @Override
    public Integer call() throws IOException {
        Voice voice = voiceOptions.load(aulos::say);
        HifiGanConfig config = voice.config();
        int rate = config.mel().samplingRate();
        Files.createDirectories(out);
        Path original = out.resolve("original.flac");
        Path melFile = out.resolve("mel.npy");
        Path resynthesis = out.resolve("resynthesis.wav");
        Path picture = out.resolve("comparison.png");
        copyClip(original);
        Notes notes = new Notes(aulos, Progress.none(), true);
        config.mel().warning().ifPresent(aulos::say);
        Audio audio = Inputs.readAudio(notes, original, rate);
        try (Backend backend = device.open();
                MelSpectrogram spectrogram = new MelSpectrogram(config.mel(), backend);
                Vocoder vocoder = voice.open(backend);
                Evaluation evaluation = new Evaluation(config, backend)) {
            device.announce(aulos, backend, Progress.none());
            NdArray mel = spectrogram.ofClip(audio.samples());
            Npy.write(melFile, mel);
            Synthesis synthesis = synthesise(vocoder, mel, config.samples(mel.shape().dim(1)));
            write(resynthesis, rate, synthesis.samples);
            // Of what was written, as 'aulos eval' and the page of 'aulos serve' find it.
            float[] written = AudioFile.read(resynthesis, rate).samples();
            double melError = evaluation.melError(audio.samples(), written);
            DemoPicture.write(picture, audio.seconds(),
                    new DemoPicture.Panel("Original, spoken by espeak-ng", audio.samples(), mel),
                    new DemoPicture.Panel("Resynthesis by Aulos, from the original's mel spectrogram alone",
                            synthesis.samples, spectrogram.ofClip(synthesis.samples)));
            double seconds = synthesis.median();
            report(new Result(voiceOptions.name(), backend.name(), audio.seconds(), synthesis.firstSeconds, seconds,
                    audio.seconds() / seconds, melError, original.toString(), melFile.toString(),
                    resynthesis.toString(), picture.toString()), backend);
        }
        return ExitCode.OK;
    }

    private static void copyClip(Path target) throws IOException {
        try (InputStream clip = DemoCommand.class.getResourceAsStream(CLIP)) {
            if (clip == null) {
                throw new IOException("the demo's clip is missing: this build has no resource " + CLIP);
            }
            AtomicFile.write(target, clip::transferTo);
        }
    }

    private static Synthesis synthesise(Vocoder vocoder, NdArray mel, int samples) throws IOException {
        float[] audio = new float[samples];
        double first = time(vocoder, mel, audio);
        List<Double> more = new ArrayList<>();
        double total = 0;
        while (more.isEmpty() || (more.size() < MAX_REPEATS && total < REPEAT_SECONDS)) {
            more.add(time(vocoder, mel, audio));
            total += more.getLast();
        }
        return new Synthesis(audio, first, more);
    }

    private static double time(Vocoder vocoder, NdArray mel, float[] audio) throws IOException {
        int[] done = {0};
        long start = System.nanoTime();
        vocoder.vocode(mel, (buffer, offset, count) -> {
            System.arraycopy(buffer, offset, audio, done[0], count);
            done[0] += count;
        });
        return (System.nanoTime() - start) * 1e-9;
    }

    private static void write(Path file, int rate, float[] samples) throws IOException {
        try (WavWriter writer = WavWriter.create(file, rate, Encoding.PCM16)) {
            writer.write(samples, 0, samples.length);
            writer.commit();
        }
    }

    private void report(Result result, Backend backend) {
        if (json) {
            aulos.out().println(Json.line(result));
            return;
        }
        List<String> lines = Arrays.asList(
                "voice      " + result.voice,
                "device     " + backend.description(),
                String.format(Locale.ROOT, "speed      %.2f s of audio in %.3f s: %.1f times real time (%.2f s the "
                        + "first time, while Java warms up)", result.audioSeconds, result.seconds, result.realtimeFactor,
                        result.firstSeconds),
                String.format(Locale.ROOT, "mel error  %.3f (0 is a perfect copy; see docs/quality.md)",
                        result.melError),
                "",
                "Listen to  " + result.original + "     the clip, spoken by espeak-ng",
                "and to     " + result.resynthesis + "   what Aulos made of its mel spectrogram, " + result.mel,
                "Look at    " + result.picture + "    both, as waveforms and spectrograms",
                "",
                "Next       ./aulos vocode speech.wav    the same with a recording of yours (.wav, .flac)",
                "           ./aulos serve                hear and see it in a browser",
                "           ./aulos --help               everything else");
        lines.forEach(aulos.out()::println);
    }
}

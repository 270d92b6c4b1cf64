// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.train.TinyRun;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of other people, which the official code would take: what runs, and what is said of the rest. */
class CompatibilityTest {
    @TempDir
    Path folder;

    private Path checkpoint;
    private Path tone;
    private Path mel;

    @BeforeEach
    void files() throws IOException {
        checkpoint = TinyVoice.write(folder);
        tone = TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 8000);
        mel = folder.resolve("quiet.npy");
        writeMel(mel, -11.5f, 40);
    }

    private static void writeMel(Path file, float value, int frames) throws IOException {
        float[] values = new float[TinyVoice.MELS * frames];
        Arrays.fill(values, value);
        Npy.write(file, NdArray.of(Shape.of(TinyVoice.MELS, frames), values));
    }

    private void config(String from, String to) throws IOException {
        Files.writeString(folder.resolve("config.json"), TinyVoice.CONFIG.replace(from, to));
    }

    private Cli vocode(Path... inputs) {
        List<String> args = new ArrayList<>(List.of("vocode", "--checkpoint", checkpoint.toString(), "--device", "cpu",
                "--out", folder.resolve("out").toString()));
        for (Path input : inputs) {
            args.add(input.toString());
        }
        return Cli.run(args.toArray(String[]::new));
    }

    /** All that is said but which device it was. */
    private static List<String> notes(Cli run) {
        return run.errors().stream().filter(line -> !line.startsWith("aulos: device cpu: ")).toList();
    }

    @Test
    void keysThatAreNotUsedAreNotChecked() throws IOException {
        for (String[] change : new String[][] {{"\"segment_size\": 1024", "\"segment_size\": 1000"},
            {"\"fmax_for_loss\": null", "\"fmax_for_loss\": 9000"}, {"\"win_size\": 256", "\"win_size\": 512"},
            {"\"fmax\": 8000", "\"fmax\": 9000"}, {"\"n_fft\": 256, ", ""}, {"\"n_fft\": 256", "\"n_fft\": {}"},
            {"\"segment_size\": 1024", "\"segment_size\": \"x\", \"learning_rate\": [], \"seed\": null"}}) {
            config(change[0], change[1]);
            Cli run = vocode(mel);
            assertThat(run.exitCode()).as(change[1] + run.err()).isZero();
            assertThat(notes(run)).isEmpty();
            assertThat(Cli.run("info", checkpoint.toString()).out()).contains("num mels");
        }
        config("\"win_size\": 256", "\"win_size\": 512");
        assertThat(notes(vocode(tone))).containsExactly("aulos: n_fft is 256, expected at least win_size, which is 512");
        config("\"fmax\": 8000", "\"fmax\": \"x\"");
        assertThat(notes(vocode(tone))).containsExactly("aulos: fmax is \"x\", expected a number from 0.0 to 1.0E7");
        config("\"fmax\": 8000", "\"fmax\": 9000");
        Cli warned = vocode(tone);
        assertThat(warned.exitCode()).isZero();
        assertThat(notes(warned)).containsExactly("aulos: fmax is 9000.0 Hz, more than half of sampling_rate, which is "
                + "16000 Hz: the mel bands above are empty");
        config("\"resblock\": \"2\", ", "");
        assertThat(Cli.run("mel", "--config", folder.resolve("config.json").toString(), "--out",
                folder.resolve("mels").toString(), tone.toString()).exitCode()).isZero();
        assertThat(Cli.run("eval", "--config", folder.resolve("config.json").toString(), "--reference",
                folder.toString(), "--generated", folder.toString()).exitCode()).isZero();
    }

    @Test
    void wrappedWeightsGiveTheSameSound() throws IOException {
        vocode(tone);
        byte[] expected = Files.readAllBytes(folder.resolve("out/tone_generated.wav"));
        Map<Object, Object> wrapped = new LinkedHashMap<>();
        ((Map<?, ?>) ((Map<?, ?>) PyTorchFile.read(checkpoint)).get("generator"))
                .forEach((name, array) -> wrapped.put("module.model_g." + name, array));
        PyTorchFile.write(checkpoint, Map.of("model", wrapped, "step", 3L));
        assertThat(vocode(tone).exitCode()).isZero();
        assertThat(folder.resolve("out/tone_generated.wav")).hasBinaryContent(expected);
        assertThat(JsonParser.parseString(Cli.run("info", "--json", checkpoint.toString()).out()).getAsJsonObject()
                .get("place").getAsString()).isEqualTo("model.module.model_g");
    }

    @Test
    void ofTwoGeneratorsTheOneThatIsTakenIsSaid() throws IOException {
        vocode(tone);
        byte[] expected = Files.readAllBytes(folder.resolve("out/tone_generated.wav"));
        Object official = ((Map<?, ?>) PyTorchFile.read(checkpoint)).get("generator");
        Map<Object, Object> average = new LinkedHashMap<>((Map<?, ?>) official);
        average.replaceAll((name, array) -> NdArray.of(((NdArray) array).shape(), new float[((NdArray) array).shape().size()]));
        Map<Object, Object> both = new LinkedHashMap<>();
        both.put("ema", average);
        both.put("generator", official);
        PyTorchFile.write(checkpoint, both);
        Cli run = vocode(tone);
        assertThat(run.exitCode()).as(run.err()).isZero();
        String note = "holds several generators, 'generator', 'ema': 'generator' is taken";
        assertThat(notes(run)).containsExactly("aulos: " + checkpoint + ": " + note);
        assertThat(folder.resolve("out/tone_generated.wav")).hasBinaryContent(expected);
        assertThat(Cli.run("info", checkpoint.toString()).out()).contains(note);
        assertThat(Cli.run("export", "--checkpoint", checkpoint.toString(), "--out", folder.resolve("x.onnx").toString())
                .err()).contains(note);
    }

    @Test
    void oneUnknownArrayIsOne() throws IOException {
        Map<Object, Object> weights =
                new LinkedHashMap<>((Map<?, ?>) ((Map<?, ?>) PyTorchFile.read(checkpoint)).get("generator"));
        for (String end : List.of("", " and 1 more array", " and 2 more arrays")) {
            weights.put("extra." + weights.size(), NdArray.of(Shape.of(1), 1f));
            PyTorchFile.write(checkpoint, Map.of("generator", weights));
            assertThat(notes(vocode(tone))).singleElement().asString().matches("aulos: .*: state dict: has extra\\.\\d+"
                    + end + ", unknown to the configuration, which expects 2 stages of 2 resblocks \"2\"");
        }
    }

    @Test
    void aStageWithAnOddDifferenceHasTheOfficialLength() throws IOException {
        String text = TinyVoice.CONFIG.replace("[16, 16]", "[17, 16]");
        Files.writeString(folder.resolve("config.json"), text);
        HifiGanConfig config = HifiGanConfig.parse(text, "odd");
        Map<Object, Object> weights = new LinkedHashMap<>(Fill.generator(config, "odd/", 0.6));
        PyTorchFile.write(checkpoint, Map.of("generator", weights));
        assertThat(vocode(tone, mel).exitCode()).isZero();
        // (8·40 + 1)·8 of 40 frames; the recording has 125.
        assertThat(folder.resolve("out/quiet_generated_e2e.wav")).hasSize(44 + 2 * 2568);
        assertThat(folder.resolve("out/tone_generated.wav")).hasSize(44 + 2 * (125 * 64 + 8));
    }

    @Test
    void aMissingConfigurationNamesTheOption() throws IOException {
        Path config = folder.resolve("config.json");
        Path moved = Files.move(config, folder.resolve("other.json"));
        assertThat(vocode(tone).errors()).containsExactly("aulos: " + checkpoint + ": there is no " + config
                + " that says what generator it is; put it there, or name it with --config");
        assertThat(Cli.run("vocode", "--checkpoint", checkpoint.toString(), "--config", moved.toString(), "--out",
                folder.resolve("x.wav").toString(), tone.toString()).exitCode()).isZero();
    }

    @Test
    void melsOfAnotherKindAreSaidOnce() throws IOException {
        assertThat(notes(vocode(mel))).isEmpty();
        Path decibels = folder.resolve("a.npy");
        writeMel(decibels, -80, 40);
        Cli run = vocode(decibels);
        assertThat(run.exitCode()).isZero();
        assertThat(notes(run)).singleElement().asString()
                .startsWith("aulos: " + decibels + ": mels from -80.00 to -80.00 can hardly be natural logarithms");
        writeMel(folder.resolve("b.npy"), -81, 40);
        assertThat(notes(vocode(decibels, mel, folder.resolve("b.npy")))).singleElement().asString()
                .startsWith("aulos: " + decibels + " and 1 more file: mels from -80.00");

        Path turned = folder.resolve("turned.npy");
        Npy.write(turned, NdArray.of(Shape.of(40, TinyVoice.MELS), new float[40 * TinyVoice.MELS]));
        assertThat(notes(vocode(turned))).containsExactly("aulos: " + turned
                + ": mel has shape [40,12], expected [12,frames] or [1,12,frames]: it is the wrong way round");
    }

    @Test
    void archivesAndTensorsAreCalledWhatTheyAre() throws IOException {
        Path npz = folder.resolve("mels.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(npz))) {
            zip.putNextEntry(new ZipEntry("mel.npy"));
            zip.write(Files.readAllBytes(mel));
        }
        Path renamed = Files.copy(npz, folder.resolve("renamed.npy"));
        Path tensor = folder.resolve("mel.pt");
        PyTorchFile.write(tensor, Map.of("mel", Npy.read(mel)));
        for (Path file : List.of(npz, renamed)) {
            assertThat(notes(vocode(file))).containsExactly("aulos: " + file + ": a NumPy .npz archive, expected one "
                    + "array in a .npy file: numpy.save('x.npy', numpy.load('x.npz')['NAME'])");
        }
        assertThat(notes(vocode(tensor))).containsExactly("aulos: " + tensor + ": a PyTorch file, expected an array in "
                + "a .npy file: numpy.save('x.npy', torch.load('x.pt').numpy())");
        assertThat(Cli.run("info", npz.toString()).errors()).singleElement().asString().contains("a NumPy .npz archive");
        assertThat(Cli.run("info", "--json", tensor.toString()).exitCode()).isZero();
        assertThat(Cli.run("vocode", "--checkpoint", npz.toString(), tone.toString()).errors()).singleElement()
                .asString().contains("a NumPy .npz archive, expected a PyTorch checkpoint or a safetensors file");
    }

    @Test
    void samplesFarBeyondFullScaleAreSaid() throws IOException {
        Path loud = folder.resolve("loud.wav");
        try (WavWriter writer = WavWriter.create(loud, TinyVoice.RATE, Encoding.FLOAT32)) {
            float[] samples = new float[8000];
            Arrays.setAll(new double[8000], i -> samples[i] = (float) (20_000 * Math.sin(i * 0.1)));
            writer.write(samples, 0, samples.length);
            writer.commit();
        }
        Cli run = vocode(loud);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(notes(run)).singleElement().asString().matches("aulos: .*loud.wav: samples reach (19999|20000|2.*), "
                + "expected at most 1 at full scale: integers that were not divided, perhaps");
    }

    @Test
    void resamplingOfAFolderIsSaidOncePerRate() throws IOException {
        Path clips = Files.createDirectory(folder.resolve("clips"));
        for (String name : List.of("a", "b", "c")) {
            TinyVoice.tone(clips.resolve(name + ".wav"), 22_050, 9000);
        }
        TinyVoice.tone(clips.resolve("d.wav"), 8000, 9000);
        TinyVoice.tone(clips.resolve("e.wav"), TinyVoice.RATE, 9000);
        assertThat(notes(vocode(clips))).containsExactly(
                "aulos: " + clips.resolve("a.wav") + " and 2 more files: resampled from 22050 to 16000 Hz",
                "aulos: " + clips.resolve("d.wav") + ": resampled from 8000 to 16000 Hz");
        assertThat(notes(vocode(clips.resolve("a.wav")))).containsExactly(
                "aulos: " + clips.resolve("a.wav") + ": resampled from 22050 to 16000 Hz");
    }

    @Test
    void aDryRunFindsMissingClips() throws IOException {
        TinyRun run = new TinyRun(folder.resolve("run"), 4);
        List<String> args = new ArrayList<>(run.arguments(folder.resolve("trained")));
        args.addAll(List.of("--dry-run", "--device", "cpu"));
        for (Path list : List.of(run.trainList(), run.validList())) {
            String whole = Files.readString(list);
            Files.writeString(list, whole + "gone|words\n");
            Cli dry = Cli.run(args.toArray(String[]::new));
            assertThat(dry.exitCode()).isEqualTo(1);
            assertThat(notes(dry)).singleElement().asString().contains("clips is broken, more than 1%; the first: "
                    + run.wavs().resolve("gone.wav") + ": no such file");
            Files.writeString(list, whole);
        }
        Files.writeString(run.configFile(), Files.readString(run.configFile()).replace("\"fmax\": null", "\"fmax\": 4400"));
        Cli dry = Cli.run(args.toArray(String[]::new));
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(notes(dry)).first().asString().startsWith("aulos: fmax is 4400.0 Hz, more than half");
        Files.writeString(run.configFile(), Files.readString(run.configFile()).replace("[8, 8]", "[8, 7]"));
        assertThat(Cli.run(args.toArray(String[]::new)).errors()).containsExactly("aulos: " + run.configFile()
                + ": upsample_kernel_sizes[1] is 7, expected upsample_rates[1], which is 4, plus an even number: only "
                + "then is the audio as long as the recording that training compares it with");
    }
}

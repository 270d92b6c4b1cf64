// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.TestDevice;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.train.TinyRun;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --device opencl}, and what its users see when the device fails. */
class OpenClCommandTest {
    private static final String FAULT = "aulos.opencl.fault";

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsADevice() {
        TestDevice.open("opencl").close();
    }

    @AfterEach
    void heal() {
        System.clearProperty(FAULT);
    }

    private static Cli succeed(String... args) {
        Cli run = Cli.run(args);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    @Test
    void vocodesAndEvaluatesAsTheProcessorDoes() throws IOException {
        TinyVoice.write(folder);
        Path tone = TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 8000);
        String checkpoint = folder.resolve("g_00000001").toString();
        Path generated = Files.createDirectory(folder.resolve("generated"));
        List<float[]> audio = new ArrayList<>();
        for (String device : List.of("cpu", "opencl")) {
            Path out = generated.resolve("tone_generated.wav");
            Cli run = succeed("vocode", "--checkpoint", checkpoint, "--device", device, "--encoding", "float32", "--out",
                    out.toString(), tone.toString());
            assertThat(run.errors()).singleElement().asString().startsWith("aulos: device " + device)
                    .endsWith("(--device " + device + ")");
            audio.add(AudioFile.read(out, TinyVoice.RATE).samples());
        }
        assertThat(audio.get(1)).hasSameSizeAs(audio.get(0));
        for (int i = 0; i < audio.get(0).length; i++) {
            assertThat(audio.get(1)[i]).isCloseTo(audio.get(0)[i], within(1e-5f));
        }
        Path recordings = Files.createDirectory(folder.resolve("recordings"));
        Files.copy(tone, recordings.resolve("tone.wav"));
        JsonObject cpu = evaluated(recordings, generated, "cpu");
        JsonObject opencl = evaluated(recordings, generated, "opencl");
        for (String figure : List.of("mel_error", "stft_distance", "mcd_db")) {
            double expected = cpu.get(figure).getAsDouble();
            assertThat(opencl.get(figure).getAsDouble()).as(figure).isCloseTo(expected, within(1e-4 * expected));
        }
    }

    private JsonObject evaluated(Path reference, Path generated, String device) {
        Cli run = succeed("eval", "--reference", reference.toString(), "--generated", generated.toString(), "--config",
                folder.resolve("config.json").toString(), "--json", "--device", device);
        return JsonParser.parseString(run.out().lines().findFirst().orElseThrow()).getAsJsonObject();
    }

    @Test
    void devicesAreListedOrRefused() {
        assertThat(succeed("devices").out()).containsPattern("(?m)^opencl(:0)? +.* GiB, \\d+ compute units, driver ");
        Cli absent = Cli.run("mel", "x.wav", "--out", folder.toString(), "--device", "opencl:99");
        assertThat(absent.exitCode()).isEqualTo(1);
        assertThat(absent.errors()).singleElement().asString().matches(
                "aulos: device opencl:99: opencl has \\d+ devices?, numbered from 0");
        Cli several = Cli.run("mel", "x.wav", "--out", folder.toString(), "--device", "opencl:0,0");
        assertThat(several.exitCode()).isEqualTo(2);
        assertThat(several.errors()).singleElement().asString().contains("names several, expected one");
    }

    private Cli train(TinyRun run, String device, String... more) {
        List<String> arguments = new ArrayList<>(run.arguments(folder.resolve("out")));
        arguments.addAll(List.of("--device", device, "--validation-interval", "1000"));
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    @Test
    void aLostDeviceEndsTrainingWithAValidCheckpoint() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        System.setProperty(FAULT, "clEnqueueNDRangeKernel:10000:-2");
        Cli lost = train(run, "opencl", "--checkpoint-interval", "1", "--max-steps", "100");
        assertThat(lost.exitCode()).isEqualTo(1);
        assertThat(lost.errors()).last().asString().startsWith("aulos: opencl: clEnqueueNDRangeKernel(")
                .endsWith("failed with CL_DEVICE_NOT_AVAILABLE (-2): the device is gone, or taken by another program");
        System.clearProperty(FAULT);
        Cli resumed = train(run, "cpu", "--checkpoint-interval", "1", "--max-steps", "6");
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err()).containsPattern("going on after step [123],");
        assertThat(folder.resolve("out/g_00000005")).isRegularFile();
    }

    @Test
    void oneOfTwoDevicesLostEndsTrainingToo() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        Cli whole = train(run, "opencl:0,0", "--max-steps", "2");
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        assertThat(whole.errors().stream().filter(line -> line.endsWith("(--device opencl:0,0)"))).hasSize(2);
        System.setProperty(FAULT, "clEnqueueNDRangeKernel:20000:-2");
        Cli lost = train(run, "opencl:0,0", "--max-steps", "100");
        assertThat(lost.exitCode()).isEqualTo(1);
        assertThat(lost.errors()).last().asString().contains("CL_DEVICE_NOT_AVAILABLE (-2)");
        System.clearProperty(FAULT);
        Cli uneven = train(run, "opencl:0,0,0", "--max-steps", "3");
        assertThat(uneven.exitCode()).isEqualTo(1);
        assertThat(uneven.errors()).last().isEqualTo(
                "aulos: batch_size is 2, expected a multiple of 3, the number of devices that share it");
    }

    @Test
    void fullMemoryAndKernelsThatDoNotBuildAreOneLine() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        System.setProperty(FAULT, "clCreateBuffer:300:-4");
        Cli full = train(run, "opencl", "--max-steps", "3");
        assertThat(full.exitCode()).isEqualTo(1);
        assertThat(full.errors()).last().asString().startsWith("aulos: opencl: no room for a buffer of ");
        System.setProperty(FAULT, "clBuildProgram:1:-11");
        Cli unbuilt = train(run, "opencl", "--max-steps", "3");
        assertThat(unbuilt.exitCode()).isEqualTo(1);
        assertThat(unbuilt.errors()).last().asString().matches("aulos: opencl: \\w+\\.cl does not build for .*"
                + "CL_BUILD_PROGRAM_FAILURE \\(-11\\).*");
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Scope;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.vocode.Voice;
import aulos.hifigan.vocode.WarmUp;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** Calls the other commands as users do, so that the JVM can write down what they load: the launcher's archive. */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Vocodes a made-up clip with a made-up voice and keeps nothing.",
        mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
    /** Enough for more than one window, and for stages to be computed piece by piece. */
    private static final int SAMPLES = 140_000;

    @Override
    public Integer call() throws IOException {
        WarmUp.begin();
        Path folder = Files.createTempDirectory("aulos-rehearsal");
        try {
            String voice = voice(folder.resolve("voice.safetensors")).toString();
            String clip = clip(folder.resolve("clip.wav")).toString();
            String out = folder.toString();
            int failures = run("mel", clip, "--out", out)
                    + run("vocode", "--checkpoint", voice, "--json", "--out", out, clip)
                    + run("vocode", "--checkpoint", voice, "--out", out, folder.resolve("clip.npy").toString());
            return failures == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
        } finally {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static int run(String... args) {
        return Aulos.run(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()), args);
    }

    private static Path voice(Path file) throws IOException {
        try (Backend backend = Backends.open("cpu"); Scope owner = Scope.unattached()) {
            Generator generator = new Generator(HifiGanConfig.V2, Weights.random(backend, owner, 1), WeightForm.PLAIN);
            new Voice(HifiGanConfig.V2, generator.stateDict()).save(file);
        }
        return file;
    }

    private static Path clip(Path file) throws IOException {
        try (WavWriter writer = WavWriter.create(file, HifiGanConfig.V2.mel().samplingRate(), Encoding.PCM16)) {
            writer.write(new float[SAMPLES], 0, SAMPLES);
            writer.commit();
        }
        return file;
    }
}

// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.audio.flac.Coding;
import aulos.hifigan.audio.flac.Encoder;
import aulos.hifigan.cli.TinyVoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Recordings and mels of every kind, short ones and long ones, for a small voice. */
final class Corpus {
    /** Inputs that {@link #write} makes. */
    static final int INPUTS = 9;

    private Corpus() {}

    /** Of a minute and a half in all, of which the longest clip has 40 s; in folders. */
    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("b/c"));
        noise(folder.resolve("a.wav"), TinyVoice.RATE, 16_000, 1);
        noise(folder.resolve("shortest.wav"), TinyVoice.RATE, 257, 2);
        noise(folder.resolve("b/resampled.wav"), 22_050, 40_000, 3);
        noise(folder.resolve("b/c/long.wav"), TinyVoice.RATE, 40 * TinyVoice.RATE + 17, 4);
        noise(folder.resolve("b/c/long-resampled.wav"), 48_000, 9 * 48_000 + 5, 5);
        mel(folder.resolve("mel.npy"), 100, 6);
        mel(folder.resolve("long-mel.npy"), 4_000, 7);
        flac(folder.resolve("packed.flac"), 3, 8);
        flac(folder.resolve("long-packed.flac"), 12, 9);
        return folder;
    }

    static Path noise(Path file, int rate, int samples, int seed) throws IOException {
        float[] noise = new float[samples];
        Random random = new Random(seed);
        for (int i = 0; i < samples; i++) {
            double time = (double) i / rate;
            noise[i] = (float) (0.4 * Math.sin(2 * Math.PI * (200 + 100 * Math.sin(time)) * time)
                    + 0.1 * random.nextGaussian());
        }
        try (WavWriter writer = WavWriter.create(file, rate, Encoding.PCM16)) {
            writer.write(noise, 0, samples);
            writer.commit();
        }
        return file;
    }

    private static void mel(Path file, int frames, int seed) throws IOException {
        write(file, frames, random(frames, seed));
    }

    /** One that is not a number at band 2 of one frame. */
    static Path nanMel(Path file, int frames, int frame) throws IOException {
        float[] mel = random(frames, 1);
        mel[2 * frames + frame] = Float.NaN;
        write(file, frames, mel);
        return file;
    }

    private static float[] random(int frames, int seed) {
        float[] mel = new float[TinyVoice.MELS * frames];
        Random random = new Random(seed);
        for (int i = 0; i < mel.length; i++) {
            mel[i] = -2 + (float) random.nextGaussian();
        }
        return mel;
    }

    private static void write(Path file, int frames, float[] mel) throws IOException {
        Npy.write(file, NdArray.of(Shape.of(TinyVoice.MELS, frames), mel));
    }

    /** Of so many frames of 20,000 samples, at 22,050 Hz. */
    private static void flac(Path file, int frames, int seed) throws IOException {
        int size = 20_000;
        Random random = new Random(seed);
        Encoder flac = new Encoder(22_050, 1, 16);
        for (int frame = 0; frame < frames; frame++) {
            flac.frame(Coding.verbatim(), random.ints(size, -10_000, 10_000).toArray());
        }
        Files.write(file, flac.bytes());
    }
}

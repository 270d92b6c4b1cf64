// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.fuzz;

import aulos.engine.io.Npy;
import aulos.engine.io.Safetensors;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.AudioStream;
import aulos.hifigan.audio.flac.FuzzedFrame;
import aulos.hifigan.io.CheckpointContents;
import aulos.hifigan.io.FuzzedPickle;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.io.StateDict;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.train.FuzzedList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What reads files, each with what fuzzing starts from. */
public enum FuzzedReader {
    /** Samples only: a resampler for a rate that is wrong costs more than a hundred readings, and reads nothing. */
    WAV(FuzzedReader::samples, Seeds::wav),
    /** What comes before the frames; these have checksums, which keep a fuzzer out. */
    FLAC(FuzzedReader::samples, Seeds::flac),
    FLAC_FRAME(FuzzedFrame::read, Seeds::flacFrame),
    NPY(Npy::read, Seeds::npy),
    SAFETENSORS(FuzzedReader::safetensors, Seeds::safetensors),
    TORCH_ZIP(CheckpointContents::read, Seeds::torchZip),
    /** A pickle in an archive whose checksums are right. */
    PICKLE(FuzzedPickle::read, FuzzedPickle::seed),
    TORCH_LEGACY(PyTorchFile::read, FuzzedPickle::legacySeed),
    CONFIG(HifiGanConfig::read, () -> HifiGanConfig.V3.toJson().getBytes(StandardCharsets.UTF_8)),
    LIST(FuzzedList::read, () -> "LJ001-0001|a text\nb.wav\n\n".getBytes(StandardCharsets.UTF_8)),
    /** No reader, but a fault that only its branches lead to: who finds it has been guided by coverage. */
    PLANTED(FuzzedReader::planted, () -> new byte[8]);

    @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
    private final Reader reader;
    @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
    private final Seed seed;

    FuzzedReader(Reader reader, Seed seed) {
        this.reader = reader;
        this.seed = seed;
    }

    private interface Reader {
        Object read(Path file) throws IOException;
    }

    private interface Seed {
        byte[] bytes() throws IOException;
    }

    /** A whole file that the reader reads. */
    public byte[] seed() throws IOException {
        return seed.bytes();
    }

    Object read(Path file) throws IOException {
        return reader.read(file);
    }

    private static Object samples(Path file) throws IOException {
        float[] block = new float[1 << 12];
        long count = 0;
        try (AudioStream stream = AudioFile.open(file)) {
            for (int read = stream.read(block, 0, block.length); read > 0; read = stream.read(block, 0, block.length)) {
                count += read;
            }
        }
        return count;
    }

    private static Object safetensors(Path file) throws IOException {
        Safetensors.metadata(file);
        return StateDict.fromCheckpoint(file);
    }

    private static Object planted(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length > 3 && bytes[0] == 'F' && bytes[1] == 'U' && bytes[2] == 'Z' && bytes[3] == 'Z') {
            throw new IllegalStateException("the planted fault");
        }
        return bytes;
    }
}
